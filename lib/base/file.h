/* SPDX-License-Identifier: MIT */
/* A small file replaced as a whole. */
#ifndef EG_FILE_H
#define EG_FILE_H

#include <stddef.h>

struct eg_error;

/* Replaces the regular file at path by one with these len bytes, or creates it. A reader,
 * and a crash at any moment, finds the old file or the new one. The new one is on disk
 * when this returns 0. If path is a symbolic link, its target is replaced. The mode of an
 * existing file is kept. Blocks for the disk. -1 with EG_LOCAL_IO, also if there is
 * anything else at path: a device, a FIFO, a folder. */
int eg_file_replace(const char *path, const void *text, size_t len, struct eg_error *e);

#endif
