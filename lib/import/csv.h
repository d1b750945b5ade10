/* SPDX-License-Identifier: MIT */
/* Reads the rows of a CSV file as a stream (RFC 4180, and common variants). */
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

/* A row. All that it points to is valid until the next call. */
struct eg_csv_row {
	const struct eg_slice *field; /* fields, without quotes and surrounding blanks */
	size_t n;
	uint64_t lineno;    /* number of its first line, from 1 */
	const char *raw;    /* the original text, without the last newline */
	size_t raw_len;
	bool unended;       /* the file ends within the row, without a newline */
	const char *reason; /* reason why the row has no fields; NULL: it has */
};

struct eg_csv {
	int fd;
	const struct eg_import_wait *wait;
	char delimiter;
	iconv_t convert;      /* (iconv_t)-1: the file is in UTF-8 */
	char *buf;            /* [at, end) is not read yet */
	size_t room, at, end;
	char *pending;        /* bytes that iconv has not converted yet */
	size_t pending_len;
	char *scratch;        /* memory for fields with doubled quotes */
	size_t scratch_room, scratch_len;
	struct eg_slice *field;
	size_t fields_room;
	uint64_t lineno;
	bool eof;
	bool stopped;         /* a signal asked to stop before the end */
};

/* Reads fd, which stays the caller's, to its end or until a signal asks to stop (base/stop).
 * encoding: of the file, a name of iconv(3), or NULL for UTF-8. wait: what is done before the next
 * row when it cannot be read yet, or NULL; it stays the caller's. -1 with EG_USAGE when there is no
 * such encoding. */
int eg_csv_open(struct eg_csv *c, int fd, char delimiter, const char *encoding,
    const struct eg_import_wait *wait, struct eg_error *e);
void eg_csv_close(struct eg_csv *c);

/* Checks whether the first bytes of the file look like another format than CSV. Returns 1 with
 * *is, or 0. Call it once, before the first row. Blocks until 16 bytes or the first line of a
 * text have arrived, and skips a byte order mark. -1 with *e if the file cannot be read. */
int eg_csv_sniff(struct eg_csv *c, struct eg_sniffed *is, struct eg_error *e);

/* Reads the next row that is not blank. Returns 1; 0 at the end, or after a signal (c->stopped),
 * when a row that was begun is left out; -1 with *e if the file cannot be read. Blocks. For a
 * line longer than 2 MiB, the row has a reason and raw is NULL. A quoted field may
 * contain line ends; its largest length is 64 KiB. */
int eg_csv_next(struct eg_csv *c, struct eg_csv_row *row, struct eg_error *e);

/* Adds empty fields to the last row until it has n fields. -1 with EG_BUG. */
int eg_csv_pad(struct eg_csv *c, struct eg_csv_row *row, size_t n, struct eg_error *e);

#endif
