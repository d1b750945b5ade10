/* SPDX-License-Identifier: MIT */
/* Rows of a CSV file (RFC 4180 and what is made of it), read as a stream. */
#ifndef EG_CSV_H
#define EG_CSV_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "import/input.h"
#include "import/sniff.h"

struct eg_error;

#define EG_CSV_BLANKS ' ' /* as a delimiter: any number of blanks and tabs */

/* A row. Everything it points to is valid until the next call. */
struct eg_csv_row {
	const struct eg_slice *field; /* without quotes and blanks around them */
	size_t n;
	uint64_t lineno;    /* of its first line, from 1 */
	const char *raw;    /* as it was, without the last newline */
	size_t raw_len;
	bool unended;       /* the file ends within it: there is no newline behind it */
	const char *reason; /* why its fields are not known, or NULL */
};

struct eg_csv {
	int fd;
	const struct eg_import_wait *wait;
	char delimiter;
	iconv_t convert;      /* (iconv_t)-1: the file is UTF-8 */
	char *buf;            /* [at, end) is still to be read */
	size_t room, at, end;
	char *pending;        /* bytes that iconv has not taken yet */
	size_t pending_len;
	char *scratch;        /* fields with doubled quotes */
	size_t scratch_room, scratch_len;
	struct eg_slice *field;
	size_t fields_room;
	uint64_t lineno;
	bool eof;
};

/* Reads fd, which stays the caller's, to its end or until a signal asks to stop (base/stop).
 * encoding: of the file, a name of iconv(3), or NULL for UTF-8. wait: what is done before the next
 * row when it cannot be read yet, or NULL; it stays the caller's. -1 with EG_USAGE when there is no
 * such encoding. */
int eg_csv_open(struct eg_csv *c, int fd, char delimiter, const char *encoding,
    const struct eg_import_wait *wait, struct eg_error *e);
void eg_csv_close(struct eg_csv *c);

/* Whether the file's first bytes look like something other than CSV: 1 with *is, or 0. Call it
 * once, before the first row. Blocks for the first 16 bytes or the first line of a text, and skips
 * a byte order mark. -1 with *e when the file cannot be read. */
int eg_csv_sniff(struct eg_csv *c, struct eg_sniffed *is, struct eg_error *e);

/* The next row that is not blank: 1, 0 at the end, -1 with *e when the file cannot be read.
 * Blocks. A line longer than 2 MiB is a row with a reason and without text (raw is NULL).
 * A quoted field may hold line ends, up to 64 KiB in all. */
int eg_csv_next(struct eg_csv *c, struct eg_csv_row *row, struct eg_error *e);

/* Adds empty fields to the row, the last one read, until it has n. -1 with EG_BUG. */
int eg_csv_pad(struct eg_csv *c, struct eg_csv_row *row, size_t n, struct eg_error *e);

#endif
