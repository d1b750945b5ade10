/* SPDX-License-Identifier: MIT */
/* The files of a store: their names, and whether they were replaced. */
#ifndef EG_STORE_FILE_H
#define EG_STORE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct eg_error;

/* Returns the name under which SQLite opens the file at path. A relative name begins with
 * "./", so that `file:x` and `:memory:` are file names. NULL when memory runs out; free it.
 * */
char *eg_store_file_name(const char *path);

/* Checks the file's header without SQLite, which would create files beside a file that is no
 * store. With create, creates a missing file. *empty: it has no bytes. -1 with *e if it
 * cannot be a store: not a regular file, not readable, another program's. */
int eg_store_file_check(const char *path, bool create, bool *empty, struct eg_error *e);

/* Fills *e: the store is of a newer version. Returns -1. */
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

/* Whether the path still leads to this file. True if id->there is false. */
bool eg_file_is(const char *path, const struct eg_file_id *id);

/* The same, and nobody has written to it. */
bool eg_file_unchanged(const char *path, const struct eg_file_id *id);

/* Returns the URI with which SQLite opens the file without locks (immutable=1). NULL when
 * memory runs out; free it. */
char *eg_store_file_uri(const char *name);

#endif
