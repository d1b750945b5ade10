/* SPDX-License-Identifier: MIT */
/* The files of a store: their names, and whether the path still leads to them. */
#ifndef EG_STORE_FILE_H
#define EG_STORE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct eg_error;

/* Returns the name that SQLite takes for the file that the kernel finds at path: a
 * relative one begins with "./", so that `file:x` and `:memory:` are plain names.
 * NULL when memory runs out; free it. */
char *eg_store_file_name(const char *path);

/* Looks at the file without SQLite, which would make files beside one that is not ours.
 * With create set, makes it if it is missing. *empty: it holds nothing. 0, or -1 with *e
 * if it cannot be a store: not a regular file, not readable, another program's. */
int eg_store_file_look(const char *path, bool create, bool *empty, struct eg_error *e);

/* Fills *e: the store's version is not known here. Returns -1. */
int eg_store_fail_newer(const char *path, int64_t version, struct eg_error *e);

/* Which file a path leads to. */
struct eg_file_id {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
	bool there;
};
struct eg_file_id eg_file_id(const char *path);

/* Whether the path leads to this file; what was not there is not compared. */
bool eg_file_is(const char *path, const struct eg_file_id *id);

/* The same, and nobody has written to it. */
bool eg_file_unchanged(const char *path, const struct eg_file_id *id);

/* Returns the URI under which SQLite opens the file of that name without locks, as one
 * that nobody writes. NULL when memory runs out; free it. */
char *eg_store_file_uri(const char *name);

#endif
