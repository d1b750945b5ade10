/* SPDX-License-Identifier: MIT */
/* A small file replaced as a whole. */
#ifndef EG_FILE_H
#define EG_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct eg_error;

/* Replaces the regular file at path by one with these len bytes, or creates it. A reader,
 * and a crash at any moment, finds the old file or the new one. The new one is on disk
 * when this returns 0. If path is a symbolic link, its target is replaced. The mode of an
 * existing file is kept. Blocks for the disk. -1 with EG_LOCAL_IO, also if there is
 * anything else at path: a device, a FIFO, a folder. */
int eg_file_replace(const char *path, const void *text, size_t len, struct eg_error *e);

/* The same, without waiting for the disk: after a power cut the file may be empty. For files
 * that are written again soon. */
int eg_file_replace_unsynced(const char *path, const void *text, size_t len, struct eg_error *e);

/* Whether path exists and is no regular file, or one that is a standard descriptor of ours:
 * it is written to by eg_file_write, and never replaced. */
bool eg_file_is_stream(const char *path);

/* Whether both exist and are the same regular file. */
bool eg_file_same(const char *path, const char *other);

/* -1 with EG_USAGE if path, the argument of option, is our standard input or output, other
 * than a terminal or another device: what is written there would be among records. */
int eg_file_apart(const char *option, const char *path, struct eg_error *e);

/* Writes to a device, a FIFO or a standard descriptor without waiting: what it does not take
 * at once is lost, as is all while a FIFO has no reader. -1 with EG_LOCAL_IO when it cannot
 * be written for good. */
int eg_file_write(const char *path, const void *text, size_t len, struct eg_error *e);

#endif
