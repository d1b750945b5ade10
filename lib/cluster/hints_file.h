/* SPDX-License-Identifier: MIT */
/* The file that hints are kept in: opened, checked, set aside when it is damaged. */
#ifndef EG_HINTS_FILE_H
#define EG_HINTS_FILE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct eg_error;

enum { EG_HINTS_PATH = 4200 };

/* Opens or makes the database at path. See eg_hints_open for mend. *db is the caller's,
 * also after a failure. */
int eg_hints_file_open(const char *path, bool mend, sqlite3 **db, struct eg_error *e);

/* A number that differs once another connection has written. */
int eg_hints_file_version(sqlite3 *db, int64_t *version);

/* Fills *e with what db says last: EG_TEMPORARY when the disk is full or another
 * process holds the file for too long, else EG_LOCAL_IO. Returns -1. */
int eg_hints_file_fail(sqlite3 *db, const char *path, struct eg_error *e);

#endif
