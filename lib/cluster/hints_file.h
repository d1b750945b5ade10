/* SPDX-License-Identifier: MIT */
/* The file of hints: opens and checks it, and renames a damaged one. */
#ifndef EG_HINTS_FILE_H
#define EG_HINTS_FILE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct eg_error;

enum { EG_HINTS_PATH = 4200 };

/* Opens or makes the database at path. See eg_hints_open for mend. *db is the caller's,
 * also after a failure. */
int eg_hints_file_open(const char *path, bool mend, sqlite3 **db, struct eg_error *e);

/* The files of an open database, as stat(2) found them: itself, its log, its index. */
struct eg_hints_files {
	struct stat st[3];
};

/* Fills *f; -1 with *e when one is not there. */
int eg_hints_files_note(const char *path, struct eg_hints_files *f, struct eg_error *e);

/* 0 while path still leads to them; -1 with *e (EG_LOCAL_IO) when one was removed or
 * replaced: what is written to them then is lost. */
int eg_hints_files_check(const char *path, const struct eg_hints_files *f, struct eg_error *e);

/* Sets a number that changes when another connection has written. */
int eg_hints_file_version(sqlite3 *db, int64_t *version);

/* Fills *e with the last error of db: EG_TEMPORARY when the disk is full or another
 * process holds the file for too long, else EG_LOCAL_IO. Returns -1. */
int eg_hints_file_fail(sqlite3 *db, const char *path, struct eg_error *e);

#endif
