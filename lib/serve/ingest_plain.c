/* SPDX-License-Identifier: MIT */
/* A fast reader for the JSON objects that nearly all sensors send: members that are numbers
 * or strings without escapes. All else is left to the parser, which is ten times slower. */
#include "serve/ingest_plain.h"

#include <stdbool.h>
#include <string.h>

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

size_t
eg_ingest_plain_read(const char *text, size_t len, struct eg_ingest_plain *p)
{
	struct cursor c = { text, text + len };

	*p = (struct eg_ingest_plain){ 0 };
	if (!take_char(&c, '{'))
		return 0;
	do {
		if (!member(&c, p))
			return 0;
	} while (take_char(&c, ','));
	return take_char(&c, '}') && p->sensor.s != NULL && p->value.s != NULL ?
	    (size_t)(c.s - text) : 0;
}
