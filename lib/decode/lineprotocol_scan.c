/* SPDX-License-Identifier: MIT */
/* The fast way for the form of most points. eg_point_read reads all others. */
#include <string.h>

#include "base/number.h"
#include "base/swar.h"
#include "decode/lineprotocol_line.h"
#include "record/record.h"

/* The end of the word at s: a comma, equals sign, blank, backslash, or what is not printable ASCII.
 * If it is too near the end, the end of a text without any of these. */
static inline const char *
word_end(const char *s, const char *end)
{
	size_t n = 8;

	for (; n == 8 && end - s >= 8; s += n)
		n = eg_swar_prefix(s, ",= \\");
	return n < 8 ? s : "";
}

/* The end of the digits at s, with at most one '-' before and one point among them; NULL: they are
 * no plain number. */
static inline const char *
number_end(const char *s, const char *end)
{
	const char *digits = s += s < end && *s == '-';

	while (s < end && eg_is_digit(*s))
		s++;
	if (s == digits || s == end)
		return NULL;
	if (*s == '.')
		for (s++; s < end && eg_is_digit(*s);)
			s++;
	return s < end ? s : NULL;
}

/* Reads the measurement and the tags. Returns the blank behind them, or NULL. */
static inline const char *
scan_series(const char *s, const char *end, struct eg_slice tag, struct eg_point *pt)
{
	const char *p = word_end(s, end), *name, *equals;

	pt->named = false;
	if (p == s)
		return NULL;
	while (*p == ',') {
		name = p + 1;
		equals = word_end(name, end);
		if (*equals != '=' || equals == name)
			return NULL;
		p = word_end(equals + 1, end);
		if (p == equals + 1 || (*p != ',' && *p != ' '))
			return NULL;
		if ((size_t)(equals - name) == tag.len && memcmp(name, tag.s, tag.len) == 0) {
			pt->sensor = (struct eg_slice){ equals + 1, (size_t)(p - equals) - 1 };
			pt->named = true;
		}
	}
	if (*p != ' ')
		return NULL;
	pt->series = (struct eg_slice){ s, (size_t)(p - s) };
	return p;
}

/* Reads the fields, of which the first begins behind the blank at p. Returns the blank behind them,
 * or NULL. */
static inline const char *
scan_fields(const char *p, const char *end, struct eg_point *pt)
{
	pt->fields = 0;
	do {
		struct eg_field *f = &pt->field[pt->fields];
		const char *name = p + 1, *equals = word_end(name, end);

		if (pt->fields++ == EG_POINT_FIELDS || *equals != '=' || equals == name)
			return NULL;
		p = number_end(equals + 1, end);
		if (p == NULL || p - equals > EG_VALUE_MAX + 1)
			return NULL;
		f->kind = EG_FIELD_NUMBER;
		f->plain = true;
		f->name = (struct eg_slice){ name, (size_t)(equals - name) };
		f->value = (struct eg_slice){ equals + 1, (size_t)(p - equals) - 1 };
	} while (*p == ',');
	pt->more = (struct eg_slice){ p, 0 };
	return *p == ' ' ? p : NULL;
}

/* Reads the time, which has 8 digits at least, behind the blank at p. Returns the newline behind
 * it, or NULL. */
static inline const char *
scan_point_time(const char *p, const char *end, struct eg_point *pt)
{
	const char *s = p + 1;
	uint64_t n = 0;
	uint32_t eight;

	for (; end - s > 8 && s - p <= 9 && eg_swar_digits(s, &eight); s += 8)
		n = n * 100000000 + eight;
	if (s == p + 1)
		return NULL;
	/* A number of 19 digits fits in 64 bits without a sign. */
	for (; s < end && s - p <= 19 && eg_is_digit(*s); s++)
		n = n * 10 + (uint64_t)(*s - '0');
	if (s == end || *s != '\n' || n > INT64_MAX)
		return NULL;
	pt->timed = true;
	pt->time_large = false;
	pt->time = (int64_t)n;
	return s;
}

bool
eg_point_scan(struct eg_point_cursor *c, struct eg_slice tag, struct eg_point *pt,
    struct eg_slice *whole)
{
	const char *p;

	/* A line to be skipped begins with '#' or a blank. */
	if (c->s == c->end || *c->s <= '#')
		return false;
	if ((p = scan_series(c->s, c->end, tag, pt)) == NULL ||
	    (p = scan_fields(p, c->end, pt)) == NULL ||
	    (p = scan_point_time(p, c->end, pt)) == NULL)
		return false;
	*whole = (struct eg_slice){ c->s, (size_t)(p - c->s) };
	c->s = p + 1;
	c->bad = NULL;
	return true;
}
