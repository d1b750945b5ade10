/* SPDX-License-Identifier: MIT */
/* The fast way for the form of most points. eg_point_read reads all others. */
#include <string.h>

#include "base/number.h"
#include "base/swar.h"
#include "decode/lineprotocol_line.h"
#include "record/record.h"

/* The end of the word at s: a comma, equals sign, blank, backslash, or what is not printable ASCII.
 * If it is too near the end, the end of a text without any of these. */
static __attribute__((noinline)) const char *
word_end(const char *s, const char *end)
{
	size_t n = 8;

	for (; n == 8 && end - s >= 8; s += n)
		n = eg_swar_prefix(s, ",= \\");
	return n < 8 ? s : "";
}

/* The end of the digits at s, with at most one '-' before and one point among them; NULL: they are
 * no plain number. */
static __attribute__((noinline)) const char *
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
static __attribute__((noinline)) const char *
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

/* Notes what the next point may have in common with pt, whose line is at s, and its value and time
 * before newline. */
static inline void
note_shape(const char *s, const char *newline, struct eg_point *pt)
{
	const char *sensor = pt->sensor.s, *value = pt->field[0].value.s,
	    *time = value + pt->field[0].value.len + 1;

	pt->head = (struct eg_slice){ s, 0 };
	pt->plain_sensor = pt->same_time = false;
	if (!pt->named || pt->fields > 1)
		return;
	pt->head.len = (size_t)(sensor - s);
	pt->middle = (struct eg_slice){ sensor + pt->sensor.len, 0 };
	pt->middle.len = (size_t)(value - pt->middle.s);
	pt->last = (struct eg_slice){ time, (size_t)(newline + 1 - time) };
}

/* Reads the point at s if it has the shape of the point before, *pt. Returns its newline, or NULL,
 * and then *pt is undefined: read it in the other ways. */
static inline const char *
scan_alike(const char *s, const char *end, struct eg_point *pt)
{
	const char *sensor = s + pt->head.len, *p = sensor, *value, *after;
	size_t n = 8, whole;

	if (pt->head.len == 0 || (size_t)(end - s) < pt->head.len + 8 ||
	    !eg_swar_equal(s, pt->head.s, pt->head.len))
		return NULL;
	/* Up to a blank, too. */
	for (; n == 8 && end - p >= 8; p += n)
		n = eg_swar_prefix_from(p, ' ' + 1, ",=:\\");
	if (p == sensor || (size_t)(end - p) < pt->middle.len + 9 ||
	    !eg_swar_equal(p, pt->middle.s, pt->middle.len))
		return NULL;
	value = p + pt->middle.len;
	after = eg_swar_number_end(value + (*value == '-'), &whole);
	if (after == NULL)
		after = number_end(value, end);
	if (after == NULL || *after != ' ' || after - value > EG_VALUE_MAX)
		return NULL;
	pt->sensor = (struct eg_slice){ sensor, (size_t)(p - sensor) };
	pt->series = (struct eg_slice){ s, (size_t)(value - s) - pt->field[0].name.len - 2 };
	pt->field[0].value = (struct eg_slice){ value, (size_t)(after - value) };
	pt->plain_sensor = true;
	pt->same_time = (size_t)(end - after) > pt->last.len + 8 &&
	    eg_swar_equal(after + 1, pt->last.s, pt->last.len);
	if (pt->same_time)
		return after + pt->last.len;
	p = scan_point_time(after, end, pt);
	if (p != NULL)
		pt->last = (struct eg_slice){ after + 1, (size_t)(p - after) };
	return p;
}

bool
eg_point_scan(struct eg_point_cursor *c, struct eg_slice tag, struct eg_point *pt,
    struct eg_slice *whole)
{
	const char *p = scan_alike(c->s, c->end, pt);

	if (p == NULL) {
		/* A line to be skipped begins with '#' or a blank. */
		if (c->s == c->end || *c->s <= '#')
			return false;
		if ((p = scan_series(c->s, c->end, tag, pt)) == NULL ||
		    (p = scan_fields(p, c->end, pt)) == NULL ||
		    (p = scan_point_time(p, c->end, pt)) == NULL)
			return false;
		note_shape(c->s, p, pt);
	}
	*whole = (struct eg_slice){ c->s, (size_t)(p - c->s) };
	c->s = p + 1;
	c->bad = NULL;
	return true;
}
