/* SPDX-License-Identifier: MIT */
/* The files of a store: their names, and whether they were replaced. */
#ifndef EG_STORE_FILE_H
#define EG_STORE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct eg_error;

/* The name under which SQLite opens the file at path. A relative name begins with "./", so that
 * `file:x` and `:memory:` are ordinary file names. The caller frees it. NULL if memory runs out. */
char *eg_store_file_name(const char *path);

/* Checks the header of the file without SQLite, which would create files beside a file that is
 * not a store. With `create`, creates a missing file. *empty: the file has no bytes. -1 with *e
 * if it cannot be a store: not a regular file, not readable, or a database of another program. */
int eg_store_file_check(const char *path, bool create, bool *empty, struct eg_error *e);

/* Fills *e: the store has a newer version than this program. Returns -1. */
int eg_store_fail_newer(const char *path, int64_t version, struct eg_error *e);

/* The identity of the file that a path leads to. */
struct eg_file_id {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
	bool there;
};
struct eg_file_id eg_file_id(const char *path);

/* Whether path still leads to this file. True if id->there is false. */
bool eg_file_is(const char *path, const struct eg_file_id *id);

/* Whether path still leads to this file and nobody has written to it. */
bool eg_file_unchanged(const char *path, const struct eg_file_id *id);

/* The URI with which SQLite opens the file without locks (immutable=1). The caller frees it.
 * NULL if memory runs out. */
char *eg_store_file_uri(const char *name);

#endif
