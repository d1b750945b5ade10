/* SPDX-License-Identifier: MIT */
/* Rows of a CSV file, read as a stream. */
#include "import/csv.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/stop.h"

enum { READ = 256 * 1024, LINE_MAX = 2 * 1024 * 1024, QUOTED_MAX = 64 * 1024, EXTENSIONS = 64 };

int
eg_csv_open(struct eg_csv *c, int fd, char delimiter, const char *encoding, struct eg_error *e)
{
	char q[EG_QUOTE_MAX];

	*c = (struct eg_csv){ .fd = fd, .delimiter = delimiter, .convert = (iconv_t)-1 };
	if (encoding == NULL)
		return 0;
	c->convert = iconv_open("UTF-8", encoding);
	if (c->convert == (iconv_t)-1)
		return eg_fail(e, EG_USAGE, "no such encoding: %s", eg_quote(encoding, strlen(encoding), q));
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

/* Makes room for n more bytes behind end. */
static int
reserve(struct eg_csv *c, size_t n, struct eg_error *e)
{
	char *more;

	if (c->at > 0 && c->at >= c->end - c->at) {
		memcpy(c->buf, c->buf + c->at, c->end - c->at);
		c->end -= c->at;
		c->at = 0;
	}
	if (c->room - c->end >= n)
		return 0;
	if ((more = realloc(c->buf, c->end + n + READ)) == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	c->buf = more;
	c->room = c->end + n + READ;
	return 0;
}

static int
read_some(struct eg_csv *c, char *to, size_t room, size_t *got, struct eg_error *e)
{
	struct pollfd p[2] = { { .fd = c->fd, .events = POLLIN },
		{ .fd = eg_stop_fd(), .events = POLLIN } };
	ssize_t n = -1;

	while (n < 0) {
		if (eg_stop_asked() > 0) {
			n = 0;
			break;
		}
		if (poll(p, 2, -1) < 0 || p[0].revents == 0)
			continue;
		n = read(c->fd, to, room);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return eg_fail(e, EG_LOCAL_IO, "cannot read: %s", strerror(errno));
	}
	c->eof = n == 0;
	*got = (size_t)n;
	return 0;
}

/* Takes what iconv makes of pending; a byte that is none of the encoding becomes U+FFFD. */
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

/* Reads more behind end; sets eof at the end of the file. */
static int
fill(struct eg_csv *c, struct eg_error *e)
{
	size_t got = 0;

	if (reserve(c, c->convert == (iconv_t)-1 ? READ : 4 * READ, e) != 0)
		return -1;
	if (c->convert == (iconv_t)-1) {
		if (read_some(c, c->buf + c->end, READ, &got, e) != 0)
			return -1;
		c->end += got;
		return 0;
	}
	if (c->pending == NULL && (c->pending = malloc(READ + 16)) == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (c->pending_len <= 16 && !c->eof) {
		if (read_some(c, c->pending + c->pending_len, READ, &got, e) != 0)
			return -1;
		c->pending_len += got;
	}
	convert(c);
	return 0;
}

static bool
ended(const struct eg_csv *c)
{
	return c->eof && c->pending_len == 0;
}

static bool
begins(const struct eg_csv *c, const char *magic, size_t len)
{
	return c->end - c->at >= len && memcmp(c->buf + c->at, magic, len) == 0;
}

const char *
eg_csv_sniff(struct eg_csv *c, bool *text, struct eg_error *e)
{
	*text = false;
	while (c->end < 8 && !ended(c))
		if (fill(c, e) != 0)
			return NULL;
	if (begins(c, "\x1f\x8b", 2))
		return "this is a gzip file; unpack it first, as with zcat";
	if (begins(c, "PK\3\4", 4) || begins(c, "\xd0\xcf\x11\xe0", 4))
		return "this is a spreadsheet or a zip file; save it as CSV first";
	*text = true;
	if (begins(c, "\xff\xfe", 2) || begins(c, "\xfe\xff", 2))
		return "this is UTF-16; convert it to UTF-8 first, or use --encoding utf-16";
	if (begins(c, "\xef\xbb\xbf", 3))
		c->at += 3;
	return NULL;
}

/* Finds the end of the line that begins at c->at + from: *len bytes behind c->at, its
 * newline not counted. 0 when there is none any more. */
static int
line_end(struct eg_csv *c, size_t from, size_t *len, struct eg_error *e)
{
	size_t seen = from;

	for (;;) {
		char *nl = c->end - c->at > seen ? memchr(c->buf + c->at + seen, '\n', c->end - c->at - seen)
		                                 : NULL;

		if (nl != NULL) {
			*len = (size_t)(nl - c->buf) - c->at;
			return 1;
		}
		seen = c->end - c->at;
		if (ended(c) || seen - from > LINE_MAX) {
			*len = seen;
			return seen > from;
		}
		if (fill(c, e) != 0)
			return -1;
	}
}

static bool
is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

static struct eg_slice
trim(const char *s, const char *end)
{
	/* How some exports keep a spreadsheet from taking digits for a number: ="0123". */
	if (end - s > 2 && s[0] == '=' && s[1] == '"' && end[-1] == '"' &&
	    memchr(s + 2, '"', (size_t)(end - s) - 3) == NULL) {
		s += 2;
		end--;
	}
	while (s < end && is_blank(*s))
		s++;
	while (s < end && is_blank(end[-1]))
		end--;
	return (struct eg_slice){ s, (size_t)(end - s) };
}

static int
add_field(struct eg_csv *c, size_t *n, struct eg_slice f, struct eg_error *e)
{
	if (*n == c->fields_room) {
		size_t room = c->fields_room > 0 ? 2 * c->fields_room : 64;
		struct eg_slice *more = realloc(c->field, room * sizeof(*more));

		if (more == NULL)
			return eg_fail(e, EG_BUG, "out of memory");
		c->field = more;
		c->fields_room = room;
	}
	c->field[(*n)++] = f;
	return 0;
}

enum quoted { QUOTED, QUOTE_OPEN, QUOTE_TEXT };

/* Reads the quoted field whose quote is at *at; on QUOTED *at is behind it and the blanks
 * that follow. */
static enum quoted
quoted(struct eg_csv *c, const char **at, const char *end, struct eg_slice *out)
{
	const char *p = *at + 1, *start = p, *q;
	char *copy = NULL;

	while ((q = memchr(p, '"', (size_t)(end - p))) != NULL && q + 1 < end && q[1] == '"') {
		if (copy == NULL)
			copy = c->scratch + c->scratch_len;
		memcpy(c->scratch + c->scratch_len, p, (size_t)(q + 1 - p));
		c->scratch_len += (size_t)(q + 1 - p);
		p = q + 2;
	}
	if (q == NULL)
		return QUOTE_OPEN;
	if (copy != NULL) {
		memcpy(c->scratch + c->scratch_len, p, (size_t)(q - p));
		c->scratch_len += (size_t)(q - p);
		*out = trim(copy, c->scratch + c->scratch_len);
	} else {
		*out = trim(start, q);
	}
	for (q++; q < end && is_blank(*q) && *q != c->delimiter; q++)
		;
	*at = q;
	return q == end || *q == c->delimiter ? QUOTED : QUOTE_TEXT;
}

/* Fields between any number of blanks. */
static int
split_blanks(struct eg_csv *c, const char *p, const char *end, size_t *n, struct eg_error *e)
{
	for (;;) {
		const char *start;

		while (p < end && is_blank(*p))
			p++;
		if (p == end)
			return 0;
		for (start = p; p < end && !is_blank(*p); p++)
			;
		if (add_field(c, n, trim(start, p), e) != 0)
			return -1;
	}
}

static int
split_plain(struct eg_csv *c, const char *p, const char *end, size_t *n, struct eg_error *e)
{
	for (;;) {
		const char *d = memchr(p, c->delimiter, (size_t)(end - p));

		if (add_field(c, n, trim(p, d != NULL ? d : end), e) != 0)
			return -1;
		if (d == NULL)
			return 0;
		p = d + 1;
	}
}

/* As split_plain, with quotes; *why says what is wrong with one. A quote behind a blank
 * that does not make a quoted field is text. */
static int
split_quoted(struct eg_csv *c, const char *p, const char *end, size_t *n, enum quoted *why,
    struct eg_error *e)
{
	*why = QUOTED;
	for (;;) {
		const char *q = p, *d;
		struct eg_slice f;

		while (q < end && is_blank(*q) && *q != c->delimiter)
			q++;
		if (q < end && *q == '"') {
			const char *at = q;

			*why = quoted(c, &at, end, &f);
			if (*why != QUOTED && q == p)
				return 0;
			if (*why == QUOTED) {
				if (add_field(c, n, f, e) != 0)
					return -1;
				if (at == end)
					return 0;
				p = at + 1;
				continue;
			}
			*why = QUOTED;
		}
		d = memchr(p, c->delimiter, (size_t)(end - p));
		if (add_field(c, n, trim(p, d != NULL ? d : end), e) != 0)
			return -1;
		if (d == NULL)
			return 0;
		p = d + 1;
	}
}

/* Splits the len bytes at c->at. */
static int
split(struct eg_csv *c, size_t len, size_t *n, enum quoted *why, struct eg_error *e)
{
	const char *s = c->buf + c->at, *end = s + len;

	*n = 0;
	*why = QUOTED;
	if (end > s && end[-1] == '\r')
		end--;
	if (c->delimiter == EG_CSV_BLANKS)
		return split_blanks(c, s, end, n, e);
	if (memchr(s, '"', (size_t)(end - s)) == NULL)
		return split_plain(c, s, end, n, e);
	if (c->scratch_room < len + 1) {
		char *more = realloc(c->scratch, 2 * len + 64);

		if (more == NULL)
			return eg_fail(e, EG_BUG, "out of memory");
		c->scratch = more;
		c->scratch_room = 2 * len + 64;
	}
	c->scratch_len = 0;
	return split_quoted(c, s, end, n, why, e);
}

/* A quote was not closed within the first len bytes: takes more lines to the row, as long
 * as that closes it. *lines: how many it has then. */
static int
extend(struct eg_csv *c, size_t *len, size_t *n, enum quoted *why, uint64_t *lines,
    struct eg_error *e)
{
	size_t first = *len, whole = *len;
	uint64_t count = 1;

	for (int i = 0; i < EXTENSIONS && *why == QUOTE_OPEN; i++) {
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
		if (split(c, whole, n, why, e) != 0)
			return -1;
	}
	if (*why == QUOTED) {
		*len = whole;
		*lines = count;
		return 0;
	}
open:
	*why = QUOTE_OPEN;
	return 0;
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
	while (len > 0 && (is_blank(s[len - 1]) || s[len - 1] == '\r'))
		len--;
	return len == 0;
}

int
eg_csv_next(struct eg_csv *c, struct eg_csv_row *row, struct eg_error *e)
{
	enum quoted why;
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
	if (split(c, len, &row->n, &why, e) != 0 ||
	    (why == QUOTE_OPEN && extend(c, &len, &row->n, &why, &lines, e) != 0))
		return -1;
	c->lineno += lines - 1;
	row->field = c->field;
	row->raw = c->buf + c->at;
	row->raw_len = len;
	if (why != QUOTED)
		row->reason = why == QUOTE_OPEN ? "a quote is not closed" : "text behind a closing quote";
	return 1;
}
