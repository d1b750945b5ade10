/* SPDX-License-Identifier: MIT */
/* Splits a CSV row into fields. */
#include "import/csv_split.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"

static bool
is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

static struct eg_slice
trim(const char *s, const char *end)
{
	/* Some exports write ="0123", so that a spreadsheet keeps the leading zero. */
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
end_field(struct eg_csv *c, size_t *n, struct eg_slice f, struct eg_error *e)
{
	if (*n == c->fields_room && !eg_buf_grow(&c->field, &c->fields_room, *n + 1, sizeof(*c->field)))
		return eg_fail(e, EG_BUG, "out of memory");
	c->field[(*n)++] = f;
	return 0;
}

/* Reads the quoted field that starts at *at. On EG_CSV_QUOTED it moves *at past the field and
 * the blanks after it. */
static enum eg_csv_quoting
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
		return EG_CSV_QUOTE_OPEN;
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
	return q == end || *q == c->delimiter ? EG_CSV_QUOTED : EG_CSV_QUOTE_TEXT;
}

/* Splits at runs of blanks. */
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
		if (end_field(c, n, trim(start, p), e) != 0)
			return -1;
	}
}

static int
split_plain(struct eg_csv *c, const char *p, const char *end, size_t *n, struct eg_error *e)
{
	for (;;) {
		const char *d = memchr(p, c->delimiter, (size_t)(end - p));

		if (end_field(c, n, trim(p, d != NULL ? d : end), e) != 0)
			return -1;
		if (d == NULL)
			return 0;
		p = d + 1;
	}
}

/* As split_plain, with quoted fields. Sets *why to the error of the first malformed field.
 * Blanks may precede the opening quote; if the field is malformed then, it is taken as text. */
static int
split_quoted(struct eg_csv *c, const char *p, const char *end, size_t *n, enum eg_csv_quoting *why,
    struct eg_error *e)
{
	*why = EG_CSV_QUOTED;
	for (;;) {
		const char *q = p, *d;
		struct eg_slice f;

		while (q < end && is_blank(*q) && *q != c->delimiter)
			q++;
		if (q < end && *q == '"') {
			const char *at = q;

			*why = quoted(c, &at, end, &f);
			if (*why != EG_CSV_QUOTED && q == p)
				return 0;
			if (*why == EG_CSV_QUOTED) {
				if (end_field(c, n, f, e) != 0)
					return -1;
				if (at == end)
					return 0;
				p = at + 1;
				continue;
			}
			*why = EG_CSV_QUOTED;
		}
		d = memchr(p, c->delimiter, (size_t)(end - p));
		if (end_field(c, n, trim(p, d != NULL ? d : end), e) != 0)
			return -1;
		if (d == NULL)
			return 0;
		p = d + 1;
	}
}

int
eg_csv_split(struct eg_csv *c, size_t len, size_t *n, enum eg_csv_quoting *why, struct eg_error *e)
{
	const char *s = c->buf + c->at, *end = s + len;

	*n = 0;
	*why = EG_CSV_QUOTED;
	if (end > s && end[-1] == '\r')
		end--;
	if (c->delimiter == EG_CSV_BLANKS)
		return split_blanks(c, s, end, n, e);
	if (memchr(s, '"', (size_t)(end - s)) == NULL)
		return split_plain(c, s, end, n, e);
	if (!eg_buf_grow(&c->scratch, &c->scratch_room, len + 1, 1))
		return eg_fail(e, EG_BUG, "out of memory");
	c->scratch_len = 0;
	return split_quoted(c, s, end, n, why, e);
}
