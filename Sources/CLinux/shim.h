// Calls that Swift's module of the C library leaves out: statfs(2), the exchange of two folders, and the processors and names of
// threads.
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <stddef.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

/// renameat2(2), which glibc has since 2.28 and declares only with _GNU_SOURCE.
extern int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);

/// Each of two paths takes the other's place, at once. 0, or -1 and errno.
static inline int ftc_exchange_paths(const char *one, const char *other) {
    return renameat2(-100 /* AT_FDCWD */, one, -100, other, 1u << 1 /* RENAME_EXCHANGE */);
}

/// sched_getaffinity(2), which glibc declares only with _GNU_SOURCE; under a name of our own, for where it does.
extern int ftc_getaffinity(int process, size_t size, void *mask) __asm__("sched_getaffinity");

/// How many processors the calling thread may run on: 0 where the system does not say.
static inline int ftc_runnable_processors(void) {
    unsigned long mask[128] = {0};  // 8,192 processors, the most that Linux can be built for
    if (ftc_getaffinity(0, sizeof mask, mask) != 0) return 0;
    int count = 0;
    for (size_t i = 0; i < sizeof mask / sizeof *mask; i++) count += __builtin_popcountl(mask[i]);
    return count;
}

/// Gives the calling thread a name, which debuggers and ps show; of a longer one its first 15 bytes.
static inline void ftc_name_thread(const char *name) { prctl(PR_SET_NAME, name); }

#endif
