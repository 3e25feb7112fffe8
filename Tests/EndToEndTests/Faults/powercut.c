// What a power cut leaves of a store.
//
// Modeled: bytes and lengths of a file are on the disk once fsync or fdatasync of that file returned; entries of a folder
// (made, renamed, exchanged, linked, removed) once fsync of that folder did. Of everything else a cut takes back all, or a random part:
// - each sector of 512 bytes holds, independently of the others, what one of the writes since the last flush left there, or
//   what it held at that flush; so writes are torn and come out of order. Bytes of a file that grew may be zeros;
// - the length is one that the file had since the flush;
// - each folder keeps the first few of its changes. The order between folders is not kept.
// This is less than any file system in use gives: ext4, for one, flushes a file's entry together with the file. A program that
// survives it counts on nothing but what POSIX says.
//
// Not modeled: disks that lie about a flush (but see FAULTS_UNHEARD), sectors that turn unreadable, writes through mmap,
// sendfile, copy_file_range, fallocate and stdio, and writes to a file after its last name went.

#define _GNU_SOURCE
#include "powercut.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SECTOR = 512 };

// A write, or, where `bytes` is NULL, a length that was set to `offset`.
struct change {
    size_t offset, count;
    unsigned char *bytes;
};

struct file {
    dev_t device;
    ino_t inode;
    // Kept open: so the inode's number is not given to another file, and no close() drops SQLite's locks.
    int reader;
    // NULL while it has no name.
    char *path;
    // What is on the disk.
    unsigned char *durable;
    size_t durable_length;
    struct change *changes;
    size_t change_count;
    // Its name came back, so that it has to be written although nothing else changed.
    bool is_back;
    struct file *next;
};

enum entry_kind { MADE, MADE_FOLDER, LINKED, REMOVED, REMOVED_FOLDER, RENAMED, EXCHANGED };

// A change of a folder.
struct entry {
    enum entry_kind kind;
    char *path, *from;
    struct file *file, *replaced;
    bool stays;
};

static struct file *files;
static struct entry *entries;
static size_t entry_count;
static uint64_t random_state;

// These go around the functions that faults.c puts in their place.
static int raw_open(const char *path, int flags, mode_t mode) { return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode); }
static void raw_unlink(const char *path) { syscall(SYS_unlinkat, AT_FDCWD, path, 0); }

static void fail(const char *what)
{
    dprintf(2, "faults: %s\n", what);
    _exit(99);
}

static void *checked(void *memory)
{
    if (!memory) fail("out of memory");
    return memory;
}

// SplitMix64 (Steele, Lea, Flood 2014).
static uint64_t random_number(void)
{
    uint64_t z = (random_state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

// How many of `count` changes in a row reached the disk: none, all, or any number, each a third of the time.
static size_t random_prefix(size_t count)
{
    switch (random_number() % 3) {
    case 0: return 0;
    case 1: return count;
    default: return random_number() % (count + 1);
    }
}

// MARK: - Files

static void read_durable(struct file *file)
{
    struct stat status;
    if (fstat(file->reader, &status) != 0) fail("a file cannot be examined");
    file->durable_length = (size_t)status.st_size;
    file->durable = checked(realloc(file->durable, file->durable_length + 1));
    for (size_t done = 0; done < file->durable_length;) {
        ssize_t got = pread(file->reader, file->durable + done, file->durable_length - done, (off_t)done);
        if (got <= 0) fail("a file cannot be read");
        done += (size_t)got;
    }
}

struct file *powercut_file(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode)) return NULL;
    for (struct file *file = files; file; file = file->next)
        if (file->device == status.st_dev && file->inode == status.st_ino) return file;
    struct file *file = checked(calloc(1, sizeof *file));
    file->device = status.st_dev;
    file->inode = status.st_ino;
    file->path = checked(strdup(path));
    file->reader = raw_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (file->reader < 0) fail("a file cannot be opened");
    read_durable(file);
    file->next = files;
    return files = file;
}

static void add(struct file *file, struct change change)
{
    file->changes = checked(realloc(file->changes, (file->change_count + 1) * sizeof change));
    file->changes[file->change_count++] = change;
}

void powercut_wrote(struct file *file, off_t offset, const void *bytes, size_t count)
{
    struct change change = {(size_t)offset, count, checked(malloc(count + 1))};
    memcpy(change.bytes, bytes, count);
    add(file, change);
}

void powercut_truncated(struct file *file, off_t length) { add(file, (struct change){(size_t)length, 0, NULL}); }

void powercut_synchronized(struct file *file)
{
    for (size_t index = 0; index < file->change_count; index++) free(file->changes[index].bytes);
    file->change_count = 0;
    read_durable(file);
}

static size_t length_after(const struct file *file, size_t count)
{
    size_t length = file->durable_length;
    for (size_t index = 0; index < count; index++) {
        const struct change *change = &file->changes[index];
        size_t end = change->offset + change->count;
        if (!change->bytes || end > length) length = end;
    }
    return length;
}

// Makes the sector that begins at `start` what it is after `count` changes.
static void replay(const struct file *file, size_t count, unsigned char *image, size_t start)
{
    size_t end = start + SECTOR;
    for (size_t index = 0; index < count; index++) {
        const struct change *change = &file->changes[index];
        size_t from = change->offset > start ? change->offset : start;
        size_t to = !change->bytes || change->offset + change->count > end ? end : change->offset + change->count;
        if (from >= to) continue;
        if (change->bytes) memcpy(image + from, change->bytes + (from - change->offset), to - from);
        else memset(image + from, 0, to - from);
    }
}

// What the disk has of a file; `length` becomes its length.
static unsigned char *image(const struct file *file, bool is_torn, size_t *length)
{
    size_t longest = file->durable_length;
    for (size_t count = 1; count <= file->change_count; count++) {
        size_t after = length_after(file, count);
        if (after > longest) longest = after;
    }
    size_t sectors = longest / SECTOR + 1;
    unsigned char *image = checked(calloc(sectors, SECTOR));
    memcpy(image, file->durable, file->durable_length);
    size_t all = file->change_count;
    *length = length_after(file, !is_torn ? 0 : random_number() % 3 ? all : random_prefix(all));
    // Of some files much is lost; of others hardly anything, which only a checksum tells from a whole one.
    uint64_t rarity = random_number() % 2 ? 1 : 16;
    for (size_t sector = 0; is_torn && sector < sectors; sector++)
        replay(file, random_number() % rarity ? all : random_prefix(all), image, sector * SECTOR);
    return image;
}

static void restore(const struct file *file, bool is_torn)
{
    size_t length;
    unsigned char *bytes = image(file, is_torn, &length);
    int descriptor = raw_open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0 && errno == ENOENT) {
        // Its folder was removed, and that stays.
        free(bytes);
        return;
    }
    if (descriptor < 0) fail("a file cannot be taken back");
    for (size_t done = 0; done < length;) {
        ssize_t count = syscall(SYS_pwrite64, descriptor, bytes + done, length - done, (off_t)done);
        if (count <= 0) fail("a file cannot be taken back");
        done += (size_t)count;
    }
    free(bytes);
}

// MARK: - Folders

static void add_entry(enum entry_kind kind, const char *path, const char *from, struct file *file, struct file *replaced)
{
    entries = checked(realloc(entries, (entry_count + 1) * sizeof *entries));
    entries[entry_count++] = (struct entry){
        kind, checked(strdup(path)), from ? checked(strdup(from)) : NULL, file, replaced, false};
}

static void set_path(struct file *file, const char *path)
{
    free(file->path);
    file->path = path ? checked(strdup(path)) : NULL;
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0);
}

static void move_path(char **path, const char *from, const char *to)
{
    if (!*path || !is_below(*path, from)) return;
    char moved[PATH_MAX];
    snprintf(moved, sizeof moved, "%s%s", to, *path + strlen(from));
    free(*path);
    *path = checked(strdup(moved));
}

// Files go along with their folder, and so do the changes of that folder; those of its own name stay where they were made.
static void move(const char *from, const char *to)
{
    for (struct file *file = files; file; file = file->next) move_path(&file->path, from, to);
    for (size_t index = 0; index < entry_count; index++) {
        if (strcmp(entries[index].path, from) != 0) move_path(&entries[index].path, from, to);
        if (entries[index].from && strcmp(entries[index].from, from) != 0) move_path(&entries[index].from, from, to);
    }
}

static void exchange(const char *one, const char *other)
{
    char between[PATH_MAX];
    snprintf(between, sizeof between, "%s.exchanged", one);
    move(one, between);
    move(other, one);
    move(between, other);
}

void powercut_made(const char *path, struct file *file)
{
    if (!file) return;
    // A new file has nothing on the disk.
    file->durable_length = 0;
    add_entry(MADE, path, NULL, file, NULL);
}
void powercut_made_folder(const char *path) { add_entry(MADE_FOLDER, path, NULL, NULL, NULL); }
void powercut_linked(const char *path, struct file *file) { add_entry(LINKED, path, NULL, file, NULL); }
void powercut_removed_folder(const char *path) { add_entry(REMOVED_FOLDER, path, NULL, NULL, NULL); }

void powercut_removed(const char *path, struct file *file)
{
    if (!file) return;
    if (file->path && strcmp(file->path, path) == 0) set_path(file, NULL);
    add_entry(REMOVED, path, NULL, file, NULL);
}

void powercut_renamed(const char *from, const char *to, struct file *replaced)
{
    if (replaced) set_path(replaced, NULL);
    move(from, to);
    add_entry(RENAMED, to, from, NULL, replaced);
}

void powercut_exchanged(const char *one, const char *other)
{
    exchange(one, other);
    add_entry(EXCHANGED, other, one, NULL, NULL);
}

static bool is_in(const char *path, const char *folder)
{
    const char *slash = strrchr(path, '/');
    return slash && strlen(folder) == (size_t)(slash - path) && strncmp(path, folder, (size_t)(slash - path)) == 0;
}

void powercut_synchronized_folder(const char *folder)
{
    size_t kept = 0;
    for (size_t index = 0; index < entry_count; index++)
        if (!is_in(entries[index].path, folder)) entries[kept++] = entries[index];
    entry_count = kept;
}

static void remove_tree(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder) return;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char inner[PATH_MAX];
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (syscall(SYS_unlinkat, AT_FDCWD, inner, 0) != 0) remove_tree(inner);
    }
    closedir(folder);
    syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

static void come_back(struct file *file, const char *path)
{
    set_path(file, path);
    file->is_back = true;
}

static void undo(const struct entry *entry)
{
    switch (entry->kind) {
    case MADE:
        raw_unlink(entry->path);
        if (entry->file->path && strcmp(entry->file->path, entry->path) == 0) set_path(entry->file, NULL);
        break;
    case MADE_FOLDER:
        remove_tree(entry->path);
        for (struct file *file = files; file; file = file->next)
            if (file->path && is_below(file->path, entry->path)) set_path(file, NULL);
        break;
    case LINKED: raw_unlink(entry->path); break;
    case REMOVED: come_back(entry->file, entry->path); break;
    case REMOVED_FOLDER: syscall(SYS_mkdirat, AT_FDCWD, entry->path, 0755); break;
    case RENAMED:
        syscall(SYS_renameat, AT_FDCWD, entry->path, AT_FDCWD, entry->from);
        move(entry->path, entry->from);
        if (entry->replaced) come_back(entry->replaced, entry->path);
        break;
    case EXCHANGED:
        syscall(SYS_renameat2, AT_FDCWD, entry->path, AT_FDCWD, entry->from, RENAME_EXCHANGE);
        exchange(entry->path, entry->from);
        break;
    }
}

// Chooses for each folder how many of its changes stay.
static void choose_entries(void)
{
    for (size_t index = 0; index < entry_count; index++) {
        char folder[PATH_MAX];
        snprintf(folder, sizeof folder, "%s", entries[index].path);
        *strrchr(folder, '/') = 0;
        size_t before = 0, all = 0;
        for (size_t other = 0; other < entry_count; other++) {
            if (!is_in(entries[other].path, folder)) continue;
            all += 1;
            before += other < index;
        }
        if (before > 0) continue;
        size_t kept = random_prefix(all);
        for (size_t other = index; other < entry_count && kept > 0; other++)
            if (is_in(entries[other].path, folder)) {
                entries[other].stays = true;
                kept -= 1;
            }
    }
}

void powercut(unsigned long seed)
{
    bool is_torn = seed != 0;
    random_state = seed;
    if (is_torn) choose_entries();
    for (size_t index = entry_count; index > 0; index--)
        if (!entries[index - 1].stays) undo(&entries[index - 1]);
    for (struct file *file = files; file; file = file->next)
        if (file->path && (file->change_count > 0 || file->is_back)) restore(file, is_torn);
}
