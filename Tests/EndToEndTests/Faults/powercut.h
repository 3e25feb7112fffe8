// The model of a power cut: what powercut.c keeps of the files and folders of a store. Callers hold one lock.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// A file of the store.
struct file;

// The file at `path`; NULL where there is no regular file. What it has when it is first seen counts as being on the disk.
struct file *powercut_file(const char *path);

// `count` bytes were written to the file at `offset`, or its length was set.
void powercut_wrote(struct file *file, off_t offset, const void *bytes, size_t count);
void powercut_truncated(struct file *file, off_t length);

// A file, or the entries of a folder, are on the disk.
void powercut_synchronized(struct file *file);
void powercut_synchronized_folder(const char *path);

// Changes of folders, told after they were made. Files are those of `powercut_file`, asked for before the change; NULL for
// folders, and for `replaced` where nothing was.
void powercut_made(const char *path, struct file *file);
void powercut_made_folder(const char *path);
void powercut_linked(const char *path, struct file *file);
void powercut_removed(const char *path, struct file *file);
void powercut_removed_folder(const char *path);
void powercut_renamed(const char *from, const char *to, struct file *replaced);
// Two folders took each other's place.
void powercut_exchanged(const char *one, const char *other);

// Takes back what is not on the disk: all of it, or, where `seed` is not 0, a random part.
void powercut(unsigned long seed);
