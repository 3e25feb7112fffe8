// Makes a disk fail under a program: a library for LD_PRELOAD that stands before the calls that change files.
//
// It counts the calls that concern one folder and what is below it: write, pwrite, writev, pwritev, fsync, fdatasync, ftruncate,
// truncate, rename, link, unlink, rmdir, mkdir, and open where it may make or empty a file; with their -at and 64 forms. At the
// Nth it does what it is told. Symbolic links on the way to the folder are not followed: name it as the program does. Calls that
// libc makes inside itself (stdio, mkstemp) go past it, and so do mmap, sendfile, copy_file_range and fallocate.
//
// FAULTS_STORE    the folder, absolute. Without it nothing happens.
// FAULTS_REPORT   a file that gets one line for each call counted: its name, then the path.
// FAULTS_AT       N from 1 on; 0: never; "exit": when the program ends (power cuts only).
// FAULTS_KIND     fail         the call fails with FAULTS_ERROR
//                 short        the first write from there on takes half of its bytes, and says so
//                 short-full   the same, and the next write fails with ENOSPC
//                 kill         the program ends before the call, with status 137
//                 cut          the same, and what was not flushed is taken back: see powercut.c
//                 torn         the same, but for a random part of it; a write that the cut meets may be part of that
// FAULTS_ERROR    EIO or ENOSPC
// FAULTS_LASTING  1: calls (with short-full: writes) fail from then on, not once
// FAULTS_SEED     decides what a torn cut leaves; from 1 on
// FAULTS_UNHEARD  flushes of paths that contain this succeed, but flush nothing: the control of the cuts
// FAULTS_F_TYPE   the type that statfs gives for the folder, a number such as 0x6969 for NFS
//
// Programs that this one starts do not get the library.

#define _GNU_SOURCE
#include "powercut.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

enum kind { NOTHING, FAIL, SHORT, SHORT_FULL, KILL, CUT };
enum action { PASS, REFUSE, HALVE, CUT_NOW };

static struct {
    const char *store, *unheard;
    enum kind kind;
    long at;
    bool at_exit, lasting, models;
    int error, report;
    unsigned long seed;
    long file_system;
} plan;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long calls;
static bool has_halved, has_refused;

static const char *setting(const char *name) { return getenv(name) ? getenv(name) : ""; }

static enum kind kind_named(const char *name)
{
    static const struct { const char *name; enum kind kind; } kinds[] = {
        {"", NOTHING}, {"fail", FAIL}, {"short", SHORT}, {"short-full", SHORT_FULL}, {"kill", KILL}, {"cut", CUT}, {"torn", CUT}};
    for (size_t index = 0; index < sizeof kinds / sizeof *kinds; index++)
        if (strcmp(kinds[index].name, name) == 0) return kinds[index].kind;
    dprintf(2, "faults: no kind '%s'\n", name);
    _exit(99);
}

__attribute__((constructor)) static void begin(void)
{
    unsetenv("LD_PRELOAD");
    if (!*setting("FAULTS_STORE")) return;
    plan.kind = kind_named(setting("FAULTS_KIND"));
    plan.at_exit = strcmp(setting("FAULTS_AT"), "exit") == 0;
    plan.at = atol(setting("FAULTS_AT"));
    plan.models = plan.kind == CUT;
    plan.error = strcmp(setting("FAULTS_ERROR"), "ENOSPC") == 0 ? ENOSPC : EIO;
    plan.lasting = *setting("FAULTS_LASTING") == '1';
    plan.seed = strcmp(setting("FAULTS_KIND"), "torn") == 0 ? strtoul(setting("FAULTS_SEED"), NULL, 10) : 0;
    plan.unheard = *setting("FAULTS_UNHEARD") ? setting("FAULTS_UNHEARD") : NULL;
    plan.file_system = strtol(setting("FAULTS_F_TYPE"), NULL, 0);
    plan.report = -1;
    if (*setting("FAULTS_REPORT"))
        plan.report = (int)syscall(
            SYS_openat, AT_FDCWD, setting("FAULTS_REPORT"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    plan.store = strdup(setting("FAULTS_STORE"));
}

__attribute__((destructor)) static void end(void)
{
    if (!plan.store || !plan.at_exit) return;
    pthread_mutex_lock(&mutex);
    powercut(plan.seed);
}

// The next definition of a function: libc's.
#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function) _exit(99);
    return function;
}

// MARK: - Which calls count

// Gives `path` without "//", "/./" and "/../", absolute.
static void normalize(int folder, const char *path, char *result)
{
    char whole[2 * PATH_MAX] = "";
    if (path[0] != '/' && folder == AT_FDCWD) {
        if (!getcwd(whole, PATH_MAX)) whole[0] = 0;
    } else if (path[0] != '/') {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t count = readlink(link, whole, PATH_MAX - 1);
        whole[count > 0 ? count : 0] = 0;
    }
    size_t length = strlen(whole);
    snprintf(whole + length, sizeof whole - length, "/%s", path);
    result[0] = 0;
    char *rest = whole;
    for (char *part; (part = strsep(&rest, "/"));) {
        if (!*part || strcmp(part, ".") == 0) continue;
        if (strcmp(part, "..") == 0) {
            char *slash = strrchr(result, '/');
            if (slash) *slash = 0;
        } else {
            size_t end = strlen(result);
            snprintf(result + end, PATH_MAX - end, "/%s", part);
        }
    }
}

static bool is_ours(const char *path)
{
    size_t length = strlen(plan.store);
    return strncmp(path, plan.store, length) == 0 && (path[length] == 0 || path[length] == '/');
}

static bool concerns(int folder, const char *path, char *result)
{
    if (!plan.store || !path) return false;
    int before = errno;
    normalize(folder, path, result);
    errno = before;
    return is_ours(result);
}

static bool concerns_open(int descriptor, char *result)
{
    if (!plan.store) return false;
    int before = errno;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(link, result, PATH_MAX - 1);
    result[count > 0 ? count : 0] = 0;
    errno = before;
    return is_ours(result);
}

// What happens to the next call. The lock is held.
static enum action next(const char *call, const char *path, bool is_write)
{
    calls += 1;
    if (plan.report >= 0) {
        char line[PATH_MAX + 64];
        int count = snprintf(line, sizeof line, "%s %s\n", call, path);
        syscall(SYS_write, plan.report, line, (size_t)count);
    }
    if (plan.at <= 0 || calls < plan.at) return PASS;
    switch (plan.kind) {
    case NOTHING: return PASS;
    case FAIL: return calls == plan.at || plan.lasting ? REFUSE : PASS;
    case SHORT:
    case SHORT_FULL:
        if (!is_write) return PASS;
        if (!has_halved) {
            has_halved = true;
            return HALVE;
        }
        if (plan.kind == SHORT || (has_refused && !plan.lasting)) return PASS;
        has_refused = true;
        return REFUSE;
    case KILL: _exit(137);
    case CUT: return CUT_NOW;
    }
    return PASS;
}

static void cut(void)
{
    powercut(plan.seed);
    _exit(137);
}

// Begins a call that is not a write: false where it fails. Then the lock is free again; else it is held.
static bool may(const char *call, const char *path)
{
    pthread_mutex_lock(&mutex);
    enum action action = next(call, path, false);
    if (action == CUT_NOW) cut();
    if (action == PASS) return true;
    pthread_mutex_unlock(&mutex);
    errno = plan.error;
    return false;
}

static int done(int result)
{
    pthread_mutex_unlock(&mutex);
    return result;
}

// MARK: - Writes

static ssize_t counted_write(const char *call, int descriptor, const void *bytes, size_t count, const off_t *offset, const char *path)
{
    pthread_mutex_lock(&mutex);
    enum action action = next(call, path, true);
    if (action == CUT_NOW && plan.seed == 0) cut();
    if (action == REFUSE) {
        errno = plan.kind == SHORT_FULL ? ENOSPC : plan.error;
        return done(-1);
    }
    size_t part = action == HALVE && count > 1 ? count / 2 : count;
    struct file *file = plan.models ? powercut_file(path) : NULL;
    ssize_t result = offset ? syscall(SYS_pwrite64, descriptor, bytes, part, *offset) : syscall(SYS_write, descriptor, bytes, part);
    if (file && result > 0)
        powercut_wrote(file, offset ? *offset : lseek(descriptor, 0, SEEK_CUR) - result, bytes, (size_t)result);
    if (action == CUT_NOW) cut();
    pthread_mutex_unlock(&mutex);
    return result;
}

static ssize_t gathered_write(const char *call, int descriptor, const struct iovec *parts, int count, const off_t *offset, const char *path)
{
    size_t total = 0, filled = 0;
    for (int index = 0; index < count; index++) total += parts[index].iov_len;
    char *bytes = malloc(total + 1);
    for (int index = 0; index < count; filled += parts[index++].iov_len)
        memcpy(bytes + filled, parts[index].iov_base, parts[index].iov_len);
    ssize_t result = counted_write(call, descriptor, bytes, total, offset, path);
    int reason = errno;
    free(bytes);
    errno = reason;
    return result;
}

ssize_t write(int descriptor, const void *bytes, size_t count)
{
    char path[PATH_MAX];
    if (!concerns_open(descriptor, path)) return REAL(write)(descriptor, bytes, count);
    return counted_write("write", descriptor, bytes, count, NULL, path);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count)
{
    char path[PATH_MAX];
    if (!concerns_open(descriptor, path)) return REAL(writev)(descriptor, parts, count);
    return gathered_write("writev", descriptor, parts, count, NULL, path);
}

#define PWRITE(name) \
    ssize_t name(int descriptor, const void *bytes, size_t count, off_t offset) \
    { \
        char path[PATH_MAX]; \
        if (!concerns_open(descriptor, path)) return REAL(name)(descriptor, bytes, count, offset); \
        return counted_write("pwrite", descriptor, bytes, count, &offset, path); \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

#define PWRITEV(name) \
    ssize_t name(int descriptor, const struct iovec *parts, int count, off_t offset) \
    { \
        char path[PATH_MAX]; \
        if (!concerns_open(descriptor, path)) return REAL(name)(descriptor, parts, count, offset); \
        return gathered_write("pwritev", descriptor, parts, count, &offset, path); \
    }
PWRITEV(pwritev)
PWRITEV(pwritev64)

#define FTRUNCATE(name) \
    int name(int descriptor, off_t length) \
    { \
        char path[PATH_MAX]; \
        if (!concerns_open(descriptor, path)) return REAL(name)(descriptor, length); \
        if (!may("ftruncate", path)) return -1; \
        struct file *file = plan.models ? powercut_file(path) : NULL; \
        int result = (int)syscall(SYS_ftruncate, descriptor, length); \
        if (result == 0 && file) powercut_truncated(file, length); \
        return done(result); \
    }
FTRUNCATE(ftruncate)
FTRUNCATE(ftruncate64)

#define TRUNCATE(name) \
    int name(const char *given, off_t length) \
    { \
        char path[PATH_MAX]; \
        if (!concerns(AT_FDCWD, given, path)) return REAL(name)(given, length); \
        if (!may("truncate", path)) return -1; \
        struct file *file = plan.models ? powercut_file(path) : NULL; \
        int result = (int)syscall(SYS_truncate, path, length); \
        if (result == 0 && file) powercut_truncated(file, length); \
        return done(result); \
    }
TRUNCATE(truncate)
TRUNCATE(truncate64)

// MARK: - Flushes

#define FLUSH(name) \
    int name(int descriptor) \
    { \
        char path[PATH_MAX]; \
        if (!concerns_open(descriptor, path)) return REAL(name)(descriptor); \
        if (!may(#name, path)) return -1; \
        return done(flushed(path)); \
    }

// The kernel need not flush anything: no test cuts the machine's power.
static int flushed(const char *path)
{
    if (!plan.models || (plan.unheard && strstr(path, plan.unheard))) return 0;
    struct file *file = powercut_file(path);
    if (file) powercut_synchronized(file);
    else powercut_synchronized_folder(path);
    return 0;
}
FLUSH(fsync)
FLUSH(fdatasync)

// MARK: - Names

static int counted_open(int folder, const char *path, int flags, mode_t mode)
{
    if (!may("open", path)) return -1;
    bool was_there = access(path, F_OK) == 0;
    struct file *file = plan.models && was_there ? powercut_file(path) : NULL;
    int result = (int)syscall(SYS_openat, folder, path, flags, mode);
    int reason = errno;
    if (result >= 0 && file && (flags & O_TRUNC)) powercut_truncated(file, 0);
    if (result >= 0 && plan.models && !was_there) powercut_made(path, powercut_file(path));
    errno = reason;
    return done(result);
}

#define OPEN_AT(name) \
    int name(int folder, const char *given, int flags, ...) \
    { \
        va_list arguments; \
        va_start(arguments, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0; \
        va_end(arguments); \
        char path[PATH_MAX]; \
        if (!(flags & (O_CREAT | O_TRUNC)) || !concerns(folder, given, path)) \
            return (int)syscall(SYS_openat, folder, given, flags, mode); \
        return counted_open(folder, path, flags, mode); \
    }
OPEN_AT(openat)
OPEN_AT(openat64)

#define OPEN(name) \
    int name(const char *given, int flags, ...) \
    { \
        va_list arguments; \
        va_start(arguments, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0; \
        va_end(arguments); \
        return openat(AT_FDCWD, given, flags, mode); \
    }
OPEN(open)
OPEN(open64)
int creat(const char *path, mode_t mode) { return openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode); }

int mkdirat(int folder, const char *given, mode_t mode)
{
    char path[PATH_MAX];
    if (!concerns(folder, given, path)) return (int)syscall(SYS_mkdirat, folder, given, mode);
    if (!may("mkdir", path)) return -1;
    int result = (int)syscall(SYS_mkdirat, folder, path, mode);
    if (result == 0 && plan.models) powercut_made_folder(path);
    return done(result);
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int unlinkat(int folder, const char *given, int flags)
{
    char path[PATH_MAX];
    if (!concerns(folder, given, path)) return (int)syscall(SYS_unlinkat, folder, given, flags);
    if (!may(flags & AT_REMOVEDIR ? "rmdir" : "unlink", path)) return -1;
    struct file *file = plan.models ? powercut_file(path) : NULL;
    int result = (int)syscall(SYS_unlinkat, folder, path, flags);
    int reason = errno;
    if (result == 0 && file) powercut_removed(path, file);
    else if (result == 0 && plan.models) powercut_removed_folder(path);
    errno = reason;
    return done(result);
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int linkat(int from_folder, const char *from, int folder, const char *given, int flags)
{
    char path[PATH_MAX];
    if (!concerns(folder, given, path)) return (int)syscall(SYS_linkat, from_folder, from, folder, given, flags);
    if (!may("link", path)) return -1;
    int result = (int)syscall(SYS_linkat, from_folder, from, folder, path, flags);
    int reason = errno;
    if (result == 0 && plan.models) powercut_linked(path, powercut_file(path));
    errno = reason;
    return done(result);
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int renameat2(int from_folder, const char *given, int folder, const char *target, unsigned flags)
{
    char from[PATH_MAX], path[PATH_MAX];
    bool was_ours = concerns(from_folder, given, from);
    if (!concerns(folder, target, path) && !was_ours)
        return (int)syscall(SYS_renameat2, from_folder, given, folder, target, flags);
    if (!may("rename", path)) return -1;
    struct file *replaced = plan.models ? powercut_file(path) : NULL;
    if (plan.models) powercut_file(from);
    int result = (int)syscall(SYS_renameat2, from_folder, given, folder, target, flags);
    if (result == 0 && plan.models && (flags & RENAME_EXCHANGE)) powercut_exchanged(from, path);
    else if (result == 0 && plan.models) powercut_renamed(from, path, replaced);
    return done(result);
}
int renameat(int from_folder, const char *from, int folder, const char *to) { return renameat2(from_folder, from, folder, to, 0); }
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

// MARK: - File systems

#define STATFS(name, type) \
    int name(const char *given, struct type *status) \
    { \
        char path[PATH_MAX]; \
        int result = REAL(name)(given, status); \
        if (result == 0 && concerns(AT_FDCWD, given, path) && plan.file_system) status->f_type = plan.file_system; \
        return result; \
    }
STATFS(statfs, statfs)
STATFS(statfs64, statfs64)

#define FSTATFS(name, type) \
    int name(int descriptor, struct type *status) \
    { \
        char path[PATH_MAX]; \
        int result = REAL(name)(descriptor, status); \
        if (result == 0 && concerns_open(descriptor, path) && plan.file_system) status->f_type = plan.file_system; \
        return result; \
    }
FSTATFS(fstatfs, statfs)
FSTATFS(fstatfs64, statfs64)
