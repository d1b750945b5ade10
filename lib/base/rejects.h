/* SPDX-License-Identifier: MIT */
/* What is refused for good: told on standard error, kept in the file of --rejects. */
#ifndef EG_REJECTS_H
#define EG_REJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;

struct eg_rejects {
	const char *path; /* NULL: only told */
	int fd;
	uint64_t count;
	const char *source; /* a name in front of line numbers, NULL: "line" */
	const char *unit;   /* what is refused: "rows"; NULL: "lines" */
	bool silent;        /* keep and count, without a message */
};

/* Opens path for appending (NULL: no file). */
int eg_rejects_open(struct eg_rejects *r, const char *path, struct eg_error *e);

/* One refused line: a warning with its place, reason and shortened text (the first
 * 20; the rest are counted), and in the file a comment with the reason, then the
 * line as it was, so that a mended file can be fed again. lineno 0: no number.
 * Blocks on the disk; -1 when the file cannot keep it. */
int eg_rejects_add(struct eg_rejects *r, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_error *e);

/* Says how many were not told one by one, and closes the file, synced. */
int eg_rejects_close(struct eg_rejects *r, struct eg_error *e);

#endif
