/* SPDX-License-Identifier: MIT */
/* Rows of a CSV file, read as a stream. */
#include "import/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "import/csv_split.h"
#include "import/input.h"

enum { READ = 256 * 1024, LINE_MAX = 2 * 1024 * 1024, QUOTED_MAX = 64 * 1024, EXTENSIONS = 64,
	SNIFFED = 16 };

int
eg_csv_open(struct eg_csv *c, int fd, char delimiter, const char *encoding,
    const struct eg_import_wait *wait, struct eg_error *e)
{
	char q[EG_QUOTE_MAX];

	*c = (struct eg_csv){ .fd = fd, .delimiter = delimiter, .wait = wait, .convert = (iconv_t)-1 };
	if (encoding == NULL)
		return 0;
	c->convert = iconv_open("UTF-8", encoding);
	if (c->convert == (iconv_t)-1)
		return eg_fail(e, EG_USAGE, "no such encoding: %s",
		    eg_quote(encoding, strlen(encoding), q));
	return 0;
}

void
eg_csv_close(struct eg_csv *c)
{
	if (c->convert != (iconv_t)-1)
		iconv_close(c->convert);
	free(c->buf);
	free(c->pending);
	free(c->scratch);
	free(c->field);
}

/* Makes room for n more bytes after end. */
static int
reserve(struct eg_csv *c, size_t n, struct eg_error *e)
{
	if (c->at > 0 && c->at >= c->end - c->at) {
		memcpy(c->buf, c->buf + c->at, c->end - c->at);
		c->end -= c->at;
		c->at = 0;
	}
	if (!eg_buf_grow(&c->buf, &c->room, c->end + n, 1))
		return eg_fail(e, EG_BUG, "out of memory");
	return 0;
}

/* Converts pending with iconv; a byte that is not valid in the encoding becomes U+FFFD. */
static void
convert(struct eg_csv *c)
{
	char *in = c->pending, *out = c->buf + c->end;
	size_t left = c->pending_len, room = c->room - c->end;

	while (left > 0 && room > 3) {
		if (iconv(c->convert, &in, &left, &out, &room) != (size_t)-1 || errno == E2BIG)
			break;
		if (errno == EINVAL && !c->eof)
			break;
		memcpy(out, "\xef\xbf\xbd", 3);
		out += 3;
		room -= 3;
		in++;
		left--;
	}
	c->end = (size_t)(out - c->buf);
	memmove(c->pending, in, left);
	c->pending_len = left;
}

/* Reads into `to`, READ bytes; sets eof at the end of the file, or stopped. */
static int
read_input(struct eg_csv *c, char *to, size_t *got, struct eg_error *e)
{
	int rc = eg_import_input(c->fd, to, READ, got, c->wait, e);

	c->stopped = rc > 0;
	c->eof = rc == 0 && *got == 0;
	return rc < 0 ? -1 : 0;
}

/* Reads more bytes to end. */
static int
fill(struct eg_csv *c, struct eg_error *e)
{
	size_t got = 0;

	if (reserve(c, c->convert == (iconv_t)-1 ? READ : 4 * READ, e) != 0)
		return -1;
	if (c->convert == (iconv_t)-1) {
		if (read_input(c, c->buf + c->end, &got, e) != 0)
			return -1;
		c->end += got;
		return 0;
	}
	if (c->pending == NULL && (c->pending = malloc(READ + 16)) == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (c->pending_len <= 16 && !c->eof) {
		if (read_input(c, c->pending + c->pending_len, &got, e) != 0)
			return -1;
		c->pending_len += got;
	}
	convert(c);
	return 0;
}

/* Whether no more bytes can be read. */
static bool
ended(const struct eg_csv *c)
{
	return c->stopped || (c->eof && c->pending_len == 0);
}

/* Whether a complete line was read, so that there is no need to wait for more. */
static bool
has_line(const struct eg_csv *c)
{
	return c->end > 0 && memchr(c->buf, '\n', c->end) != NULL &&
	    memchr(c->buf, '\0', c->end) == NULL;
}

int
eg_csv_sniff(struct eg_csv *c, struct eg_sniffed *is, struct eg_error *e)
{
	bool any;

	while (c->end < SNIFFED && !ended(c) && !has_line(c))
		if (fill(c, e) != 0)
			return -1;
	any = eg_sniff(c->buf, c->end, is);
	if (c->end >= 3 && memcmp(c->buf, "\xef\xbb\xbf", 3) == 0)
		c->at += 3;
	return any;
}

/* Finds the end of the line that begins at c->at + from. *len: bytes from c->at to that end,
 * without its newline. 0: there is no more line. */
static int
line_end(struct eg_csv *c, size_t from, size_t *len, struct eg_error *e)
{
	size_t seen = from;

	for (;;) {
		char *nl = c->end - c->at > seen
		    ? memchr(c->buf + c->at + seen, '\n', c->end - c->at - seen) : NULL;

		if (nl != NULL) {
			*len = (size_t)(nl - c->buf) - c->at;
			return 1;
		}
		seen = c->end - c->at;
		if (ended(c) || seen - from > LINE_MAX) {
			*len = seen;
			return seen > from && !c->stopped;
		}
		if (fill(c, e) != 0)
			return -1;
	}
}

/* A quote is not closed within the first len bytes: adds further lines to the row until it is
 * closed. *lines: number of lines in the row. */
static int
extend(struct eg_csv *c, size_t *len, size_t *n, enum eg_csv_quoting *why, uint64_t *lines,
    struct eg_error *e)
{
	size_t first = *len, whole = *len;
	uint64_t count = 1;

	for (int i = 0; i < EXTENSIONS && *why == EG_CSV_QUOTE_OPEN; i++) {
		bool found = false;

		while (!found) {
			size_t from = whole + 1;
			int rc = c->at + from > c->end && ended(c) ? 0 : line_end(c, from, &whole, e);

			if (rc < 0)
				return -1;
			if (rc == 0 || whole - first > QUOTED_MAX)
				goto open;
			count++;
			found = memchr(c->buf + c->at + from, '"', whole - from) != NULL;
		}
		if (eg_csv_split(c, whole, n, why, e) != 0)
			return -1;
	}
	if (*why == EG_CSV_QUOTED) {
		*len = whole;
		*lines = count;
		return 0;
	}
open:
	/* The buffer may have moved: split the first line again. */
	return eg_csv_split(c, first, n, why, e);
}

/* Skips the rest of a line that is longer than LINE_MAX. */
static int
skip_line(struct eg_csv *c, struct eg_error *e)
{
	for (;;) {
		char *nl = memchr(c->buf + c->at, '\n', c->end - c->at);

		if (nl != NULL) {
			c->at = (size_t)(nl - c->buf) + 1;
			return 0;
		}
		c->at = c->end = 0;
		if (ended(c))
			return 0;
		if (fill(c, e) != 0)
			return -1;
	}
}

static bool
all_blank(const char *s, size_t len)
{
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\r'))
		len--;
	return len == 0;
}

int
eg_csv_next(struct eg_csv *c, struct eg_csv_row *row, struct eg_error *e)
{
	enum eg_csv_quoting why;
	uint64_t lines = 1;
	size_t len = 0;
	int rc;

	do {
		c->at += c->lineno > 0 && row->raw != NULL ? row->raw_len + 1 : 0;
		if (c->at > c->end)
			c->at = c->end;
		row->raw = NULL;
		if ((rc = line_end(c, 0, &len, e)) <= 0)
			return rc;
		c->lineno++;
		row->raw = c->buf + c->at;
		row->raw_len = len;
	} while (all_blank(row->raw, len));
	row->lineno = c->lineno;
	row->reason = NULL;
	row->n = 0;
	if (len > LINE_MAX) {
		row->reason = "the line is longer than 2 MiB";
		row->raw_len = 0;
		row->raw = NULL;
		return skip_line(c, e) == 0 ? 1 : -1;
	}
	if (eg_csv_split(c, len, &row->n, &why, e) != 0 ||
	    (why == EG_CSV_QUOTE_OPEN && extend(c, &len, &row->n, &why, &lines, e) != 0))
		return -1;
	if (why == EG_CSV_QUOTE_OPEN && c->stopped)
		return 0;
	c->lineno += lines - 1;
	row->field = c->field;
	row->raw = c->buf + c->at;
	row->raw_len = len;
	row->unended = c->at + len >= c->end;
	if (why != EG_CSV_QUOTED)
		row->reason = why == EG_CSV_QUOTE_OPEN
		    ? "a quote is not closed" : "text behind a closing quote";
	return 1;
}

int
eg_csv_pad(struct eg_csv *c, struct eg_csv_row *row, size_t n, struct eg_error *e)
{
	if (!eg_buf_grow(&c->field, &c->fields_room, n, sizeof(*c->field)))
		return eg_fail(e, EG_BUG, "out of memory");
	while (row->n < n)
		c->field[row->n++] = (struct eg_slice){ "", 0 };
	row->field = c->field;
	return 0;
}
