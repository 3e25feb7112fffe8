// Calls that Swift's module of the C library leaves out: statfs(2), and the exchange of two folders.
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <sys/vfs.h>

/// renameat2(2), which glibc has since 2.28 and declares only with _GNU_SOURCE.
extern int renameat2(int old_folder, const char *old_path, int new_folder, const char *new_path, unsigned int flags);

/// Each of two paths takes the other's place, at once. 0, or -1 and errno.
static inline int ftc_exchange_paths(const char *one, const char *other) {
    return renameat2(-100 /* AT_FDCWD */, one, -100, other, 1u << 1 /* RENAME_EXCHANGE */);
}

#endif
