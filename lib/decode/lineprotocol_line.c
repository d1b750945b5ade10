/* SPDX-License-Identifier: MIT */
/* Splits a line of line protocol into its parts. */
#include "decode/lineprotocol_line.h"

#include <string.h>

#include "base/number.h"
#include "base/swar.h"
#include "record/record.h"

/* Characters that end a word in some part of a line. */
enum { COMMA = 1, EQUALS = 2, SPACE = 4, CR = 8, NEWLINE = 16, BACKSLASH = 32 };

static const unsigned char class_of[256] = {
	[','] = COMMA, ['='] = EQUALS, [' '] = SPACE, ['\r'] = CR, ['\n'] = NEWLINE,
	['\\'] = BACKSLASH,
};

/* Reads up to a character in `stops` that has no backslash before it, or up to the end of the
 * line. */
static inline struct eg_slice
word(struct eg_point_cursor *c, int stops)
{
	const char *s = c->s, *from = s;

	stops |= NEWLINE | BACKSLASH;
	for (;; s++) {
		size_t n = 8;

		for (; n == 8 && c->end - s >= 8; s += n)
			n = eg_swar_prefix(s, stops & EQUALS ? ",= \\" : ",, \\");
		while (s < c->end && (class_of[(unsigned char)*s] & stops) == 0)
			s++;
		if (s == c->end || *s != '\\')
			break;
		if (c->end - s > 1 && s[1] != '\n')
			s++;
	}
	c->s = s;
	return (struct eg_slice){ from, (size_t)(s - from) };
}

static inline bool
at(const struct eg_point_cursor *c, char ch)
{
	return c->s < c->end && *c->s == ch;
}

static void
blanks(struct eg_point_cursor *c)
{
	while (at(c, ' '))
		c->s++;
}

static bool
is_boolean(struct eg_slice w)
{
	static const char *const names[] = { "t", "T", "true", "True", "TRUE", "f", "F", "false",
		"False", "FALSE" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (w.len == strlen(names[i]) && memcmp(w.s, names[i], w.len) == 0)
			return true;
	return false;
}

/* Skips a quoted string, which may contain newlines. */
static void
quoted(struct eg_point_cursor *c)
{
	for (c->s++; c->s < c->end && *c->s != '"'; c->s++)
		if (*c->s == '\\' && c->end - c->s > 1)
			c->s++;
	if (c->s == c->end)
		c->bad = "a string has no end";
	else
		c->s++;
}

/* The kind of a field's value. Removes an integer's suffix from *w. */
static enum eg_field_kind
kind_of(struct eg_slice *w)
{
	size_t len = w->len;
	char first = len > 0 ? w->s[0] : '\0', last = len > 1 ? w->s[len - 1] : '\0';

	if (first == '"')
		return EG_FIELD_TEXT;
	if (((first | 0x20) == 't' || (first | 0x20) == 'f') && is_boolean(*w))
		return EG_FIELD_TEXT;
	if (last == 'i' || last == 'u') {
		len--;
		for (size_t i = first == '-'; i < len; i++)
			if (!eg_is_digit(w->s[i]))
				return EG_FIELD_WRONG;
	}
	/* It may be a number that is too long for a record. */
	if (len <= EG_VALUE_MAX && eg_decimal_check(w->s, len) == EG_NUMBER_FORM)
		return EG_FIELD_WRONG;
	w->len = len;
	return EG_FIELD_NUMBER;
}

void
eg_point_field(struct eg_point_cursor *c, struct eg_field *f)
{
	f->kind = EG_FIELD_WRONG;
	f->plain = false;
	f->name = word(c, COMMA | EQUALS | SPACE);
	if (f->name.len == 0 || !at(c, '=')) {
		c->bad = "a field has no name and value";
		return;
	}
	f->value.s = ++c->s;
	if (at(c, '"'))
		quoted(c);
	else
		(void)word(c, COMMA | SPACE | CR);
	f->value.len = (size_t)(c->s - f->value.s);
	f->kind = kind_of(&f->value);
	if (f->kind == EG_FIELD_WRONG && c->bad == NULL)
		c->bad = "a field's value is no number, string or boolean";
	if (at(c, ','))
		c->s++;
}

static void
tags(struct eg_point_cursor *c, struct eg_slice tag, struct eg_point *pt)
{
	while (at(c, ',')) {
		struct eg_slice name, value;

		c->s++;
		name = word(c, COMMA | EQUALS | SPACE);
		if (name.len == 0 || !at(c, '=')) {
			c->bad = "a tag has no name and value";
			return;
		}
		c->s++;
		value = word(c, COMMA | EQUALS | SPACE);
		if (value.len == 0 || at(c, '=')) {
			c->bad = "a tag has no value";
			return;
		}
		if (name.len == tag.len && memcmp(name.s, tag.s, tag.len) == 0) {
			pt->sensor = value;
			pt->named = true;
		}
	}
}

static void
series(struct eg_point_cursor *c, struct eg_slice tag, struct eg_point *pt)
{
	pt->named = false;
	pt->series.s = c->s;
	if (word(c, COMMA | SPACE).len == 0)
		c->bad = "the measurement is missing";
	tags(c, tag, pt);
	pt->series.len = (size_t)(c->s - pt->series.s);
	if (c->bad == NULL && !at(c, ' '))
		c->bad = "the fields are missing";
}

static void
fields(struct eg_point_cursor *c, struct eg_point *pt)
{
	pt->fields = 0;
	do
		eg_point_field(c, &pt->field[pt->fields++]);
	while (c->bad == NULL && c->s[-1] == ',' && pt->fields < EG_POINT_FIELDS);
	pt->more.s = c->s;
	while (c->bad == NULL && c->s[-1] == ',')
		eg_point_field(c, &(struct eg_field){ 0 });
	pt->more.len = (size_t)(c->s - pt->more.s);
}

/* Whether t is an integer, or empty. */
static bool
read_time(struct eg_slice t, struct eg_point *pt)
{
	bool minus = t.len > 0 && t.s[0] == '-', large = false;
	const size_t safe = 18; /* numbers with this many digits always fit in 64 bits */
	int64_t n = 0;

	if (minus && t.len == 1)
		return false;
	for (size_t i = minus; i < t.len; i++) {
		if (!eg_is_digit(t.s[i]))
			return false;
		if (i < safe)
			n = n * 10 + (t.s[i] - '0');
		else
			large |= __builtin_mul_overflow(n, 10, &n) ||
			    __builtin_add_overflow(n, t.s[i] - '0', &n);
	}
	pt->timed = t.len > 0;
	pt->time_large = large;
	pt->time = large ? 0 : minus ? -n : n;
	return true;
}

/* Reads the time and the end of the line. Sets c->bad if other text follows. */
static void
line_end(struct eg_point_cursor *c, struct eg_point *pt)
{
	struct eg_slice time;

	blanks(c);
	time = word(c, SPACE | CR);
	blanks(c);
	if (at(c, '\r'))
		c->s++;
	if (c->s < c->end && *c->s != '\n')
		c->bad = "something follows the time";
	else if (!read_time(time, pt))
		c->bad = "the time is not a whole number";
}

struct eg_slice
eg_point_read(struct eg_point_cursor *c, struct eg_slice tag, struct eg_point *pt)
{
	struct eg_slice whole = { c->s, 0 };

	c->bad = NULL;
	pt->head.len = 0;
	pt->plain_sensor = pt->same_time = false;
	series(c, tag, pt);
	blanks(c);
	if (c->bad == NULL)
		fields(c, pt);
	if (c->bad == NULL)
		line_end(c, pt);
	if (c->bad != NULL) {
		/* It is unknown where strings end, so continue at the next newline. */
		const char *nl = memchr(c->s, '\n', (size_t)(c->end - c->s));

		c->s = nl != NULL ? nl : c->end;
	}
	whole.len = (size_t)(c->s - whole.s);
	c->s += c->s < c->end;
	return whole;
}

bool
eg_point_next(struct eg_point_cursor *c, uint32_t *index)
{
	for (; c->s < c->end; ++*index) {
		const char *nl;

		blanks(c);
		/* A line to be skipped begins with '#' or a blank. */
		if (c->s < c->end && *c->s > '#')
			return true;
		nl = memchr(c->s, '\n', (size_t)(c->end - c->s));
		if (!eg_line_skipped(c->s, (size_t)((nl != NULL ? nl : c->end) - c->s)))
			return true;
		c->s = nl != NULL ? nl + 1 : c->end;
	}
	return false;
}
