/* SPDX-License-Identifier: MIT */
/* The database file of hints: opens it, checks it, and renames a damaged one. */
#ifndef EG_HINTS_FILE_H
#define EG_HINTS_FILE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct eg_error;

enum { EG_HINTS_PATH = 4200 };

/* Opens or creates the database at path. mend: see eg_hints_open. The caller closes *db, also
 * after a failure. */
int eg_hints_file_open(const char *path, bool mend, sqlite3 **db, struct eg_error *e);

/* The result of stat(2) for the files of an open database: the database, its log, the log's
 * index. */
struct eg_hints_files {
	struct stat st[3];
};

/* Fills *f. -1 with *e if one of the files does not exist. */
int eg_hints_files_note(const char *path, struct eg_hints_files *f, struct eg_error *e);

/* Checks that path still leads to the files in *f. -1 with *e (EG_LOCAL_IO) if one was removed
 * or replaced: what we write to it would be lost. */
int eg_hints_files_check(const char *path, const struct eg_hints_files *f, struct eg_error *e);

/* Sets *version to a number that changes when another connection writes. */
int eg_hints_file_version(sqlite3 *db, int64_t *version);

/* Fills *e with the last error of db: EG_TEMPORARY if the disk is full or another process holds
 * the lock for too long, else EG_LOCAL_IO. Returns -1. */
int eg_hints_file_fail(sqlite3 *db, const char *path, struct eg_error *e);

#endif
