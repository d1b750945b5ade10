/* SPDX-License-Identifier: MIT */
/* Replaces a small file as a whole, or appends to it. */
#ifndef EG_FILE_H
#define EG_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct eg_error;

/* Replaces or creates the regular file at path with these len bytes. The replacement is atomic:
 * a reader, and a crash at any moment, finds the old or the new content. The new content is on
 * disk when this returns 0. If path is a symbolic link, its target is replaced. The mode of an
 * existing file is kept. Blocks for the disk. -1 with EG_LOCAL_IO; this includes a path that is
 * a device, a FIFO or a folder. */
int eg_file_replace(const char *path, const void *text, size_t len, struct eg_error *e);

/* As eg_file_replace, but does not wait for the disk, so the file may be empty after a power
 * failure. For files that are written often. */
int eg_file_replace_unsynced(const char *path, const void *text, size_t len, struct eg_error *e);

/* Whether eg_file_replace can begin to replace path, by creating the new file and removing it
 * again: call it at the start, before anything is done that path has to remember. -1 as there. */
int eg_file_check(const char *path, struct eg_error *e);

/* Appends to the regular file at path. The text is on disk when this returns 0. Blocks for the
 * disk. A crash may leave a part of the text. Returns 1, and writes nothing, if the file does
 * not exist, is not a regular file or has another size. -1 with EG_LOCAL_IO. */
int eg_file_append(const char *path, size_t size, const void *text, size_t len,
    struct eg_error *e);

/* Syncs the content of an open file, also if signals interrupt that. Blocks for the disk. -1 with
 * errno. */
int eg_file_sync(int fd);

/* Whether path must be written with eg_file_write and never replaced: it exists and is not a
 * regular file, or it is one of our standard descriptors. */
bool eg_file_is_stream(const char *path);

/* Whether both paths lead to the same file, or to the same place for a new file. */
bool eg_file_same(const char *path, const char *other);

/* Whether path is a regular file that is neither empty nor begins with text. false also if it
 * cannot be read. */
bool eg_file_holds_other(const char *path, const char *text);

/* Whether path is a SQLite database. false also if it cannot be read. */
bool eg_file_is_database(const char *path);

/* Refuses path, the argument of option, if it is our standard input or output, since the text
 * would mix with records. A terminal and other devices are allowed. -1 with EG_USAGE. */
int eg_file_apart(const char *option, const char *path, struct eg_error *e);

/* Writes to a device, a FIFO or a standard descriptor without waiting. Bytes that it does not
 * accept at once are lost, and so is the text when a FIFO has no reader. -1 with EG_LOCAL_IO for
 * a permanent error. */
int eg_file_write(const char *path, const void *text, size_t len, struct eg_error *e);

#endif
