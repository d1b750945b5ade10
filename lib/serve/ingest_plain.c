/* SPDX-License-Identifier: MIT */
/* A fast reader for the JSON objects that nearly all sensors send: members that are numbers
 * or strings without escapes. All else is left to the parser, which is ten times slower. */
#include "serve/ingest_plain.h"

#include <stdbool.h>
#include <string.h>

#include "base/swar.h"
#include "record/json_token.h"

struct cursor {
	const char *s, *end;
};

/* Inlined, as a call would take longer than what it does. */
static inline __attribute__((always_inline)) void
space(struct cursor *c)
{
	c->s = eg_json_space_end(c->s, c->end);
}

static inline bool
take_char(struct cursor *c, char ch)
{
	if (c->s < c->end && (unsigned char)*c->s <= ' ')
		space(c);
	if (c->s == c->end || *c->s != ch)
		return false;
	c->s++;
	return true;
}

static bool
read_number_text(struct cursor *c, struct eg_slice *out)
{
	bool whole;
	const char *end = eg_json_number_end(c->s, c->end, &whole);

	if (end == NULL)
		return false;
	*out = (struct eg_slice){ c->s, (size_t)(end - c->s) };
	c->s = end;
	return true;
}

/* Reads a string. *ascii becomes false if it has other bytes than ASCII. */
static inline __attribute__((always_inline)) bool
string(struct cursor *c, struct eg_slice *out, bool *ascii)
{
	const char *end;

	if (!take_char(c, '"') || (end = eg_json_string_end(c->s, c->end, ascii)) == NULL)
		return false;
	*out = (struct eg_slice){ c->s, (size_t)(end - c->s) };
	c->s = end + 1;
	return true;
}

enum name { SENSOR, TIME, VALUE, OTHER };

/* Inlined, so that the comparison is with a constant. */
static inline __attribute__((always_inline)) bool
take_string(struct cursor *c, const char *text, size_t len)
{
	if ((size_t)(c->end - c->s) < len || memcmp(c->s, text, len) != 0)
		return false;
	c->s += len;
	return true;
}

/* Reads a member's name and the colon after it. */
static bool
name(struct cursor *c, enum name *out, bool *ascii)
{
	struct eg_slice other;

	space(c);
	*out = take_string(c, "\"sensor_id\"", 11) ? SENSOR :
	    take_string(c, "\"timestamp\"", 11) ? TIME :
	    take_string(c, "\"value\"", 7) ? VALUE : OTHER;
	return (*out != OTHER || string(c, &other, ascii)) && take_char(c, ':');
}

static bool
member(struct cursor *c, struct eg_ingest_plain *p)
{
	struct eg_slice value;
	bool ascii = true, quoted;
	enum name which;

	if (!name(c, &which, &ascii))
		return false;
	space(c);
	quoted = c->s < c->end && *c->s == '"';
	if (quoted ? !string(c, &value, &ascii) : !read_number_text(c, &value))
		return false;
	switch (which) {
	case SENSOR:
		/* The record parser checks UTF-8. */
		p->sensor = value;
		return quoted;
	case TIME:
		p->time = value;
		return quoted && ascii;
	case VALUE:
		p->value = value;
		return !quoted;
	default:
		return ascii;
	}
}

/* Reads the object in the general way. */
static size_t
read_any(const char *text, size_t len, struct eg_ingest_plain *p)
{
	struct cursor c = { text, text + len };

	*p = (struct eg_ingest_plain){ .plain = false };
	if (!take_char(&c, '{'))
		return 0;
	do {
		if (!member(&c, p))
			return 0;
	} while (take_char(&c, ','));
	if (!take_char(&c, '}') || p->sensor.s == NULL || p->value.s == NULL)
		return 0;
	p->object = (struct eg_slice){ text, (size_t)(c.s - text) };
	p->in_order = p->time.s != NULL && p->sensor.s < p->time.s && p->time.s < p->value.s;
	return p->object.len;
}

static inline const char *
end_of(struct eg_slice w)
{
	return w.s + w.len;
}

/* Returns the end of the text at s that is equal to from..to, NULL: there is none, or less than 8
 * bytes follow it. */
static inline const char *
same_end(const char *s, const char *end, const char *from, const char *to)
{
	size_t len = (size_t)(to - from);

	return (size_t)(end - s) >= len + 8 && eg_swar_equal(s, from, len) ? s + len : NULL;
}

/* The end of a sensor of printable ASCII without a quote, an escape and a colon, or a place near
 * the end. */
static inline const char *
plain_sensor_end(const char *s, const char *end)
{
	for (size_t n = 8; n == 8 && end - s >= 8; s += n)
		n = eg_swar_prefix(s, "\"\\::");
	return s;
}

/* The end of a number; *plain: it is short and has no exponent. NULL: it is none. At least 9 bytes
 * can be read at s. */
static inline const char *
value_end(const char *s, const char *end, bool *plain)
{
	const char *digits = s + (*s == '-'), *p;
	size_t whole;
	bool integer;

	p = eg_swar_number_end(digits, &whole);
	*plain = p != NULL && p != digits + whole + 1 && (*digits != '0' || whole == 1);
	return *plain ? p : eg_json_number_end(s, end, &integer);
}

/* The end of a time of ASCII; many are that of the object before. */
static inline const char *
time_end_of(const char *s, const char *end, struct eg_slice last)
{
	const char *p = same_end(s, end, last.s, end_of(last));
	bool ascii = true;

	if (p == NULL || *p != '"')
		p = eg_json_string_end(s, end, &ascii);
	return ascii ? p : NULL;
}

/* Reads an object that differs from *p, which is in order, in the texts of its three members
 * alone. Returns its length. 0: it must be read in another way. */
static size_t
read_alike(const char *text, const char *end, struct eg_ingest_plain *p)
{
	const char *sensor = same_end(text, end, p->object.s, p->sensor.s), *sensor_end, *time,
	    *time_end, *value, *after;

	if (sensor == NULL || (sensor_end = plain_sensor_end(sensor, end)) == sensor ||
	    (time = same_end(sensor_end, end, end_of(p->sensor), p->time.s)) == NULL ||
	    (time_end = time_end_of(time, end, p->time)) == NULL ||
	    (value = same_end(time_end, end, end_of(p->time), p->value.s)) == NULL ||
	    end - value < 9 || (after = value_end(value, end, &p->plain)) == NULL ||
	    (end = same_end(after, end, end_of(p->value), end_of(p->object))) == NULL)
		return 0;
	p->plain = p->plain && *sensor != '#';
	p->sensor = (struct eg_slice){ sensor, (size_t)(sensor_end - sensor) };
	p->time = (struct eg_slice){ time, (size_t)(time_end - time) };
	p->value = (struct eg_slice){ value, (size_t)(after - value) };
	p->object = (struct eg_slice){ text, (size_t)(end - text) };
	return p->object.len;
}

size_t
eg_ingest_plain_read(const char *text, size_t len, struct eg_ingest_plain *p)
{
	size_t n = p->in_order ? read_alike(text, text + len, p) : 0;

	return n > 0 ? n : read_any(text, len, p);
}
