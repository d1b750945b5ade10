/* SPDX-License-Identifier: MIT */
/* The objects that nearly every sensor sends, read without a parser's tree: members with
 * strings and numbers only, and no escapes. Anything else, faults and all, is left to
 * the parser, which takes ten times as long. */
#include "intake_plain.h"

#include <string.h>

struct cursor {
	const char *s, *end;
};

static void
space(struct cursor *c)
{
	while (c->s < c->end && (*c->s == ' ' || *c->s == '\n' || *c->s == '\t' || *c->s == '\r'))
		c->s++;
}

static bool
take(struct cursor *c, char ch)
{
	space(c);
	if (c->s == c->end || *c->s != ch)
		return false;
	c->s++;
	return true;
}

static bool
digits(struct cursor *c)
{
	const char *from = c->s;

	while (c->s < c->end && *c->s >= '0' && *c->s <= '9')
		c->s++;
	return c->s > from;
}

/* RFC 8259, section 6. */
static bool
number(struct cursor *c, struct eg_stretch *out)
{
	const char *from = c->s, *whole;

	c->s += c->s < c->end && *c->s == '-';
	whole = c->s;
	if (!digits(c) || (*whole == '0' && c->s - whole > 1))
		return false;
	if (c->s < c->end && *c->s == '.') {
		c->s++;
		if (!digits(c))
			return false;
	}
	if (c->s < c->end && (*c->s == 'e' || *c->s == 'E')) {
		c->s++;
		c->s += c->s < c->end && (*c->s == '+' || *c->s == '-');
		if (!digits(c))
			return false;
	}
	*out = (struct eg_stretch){ from, (size_t)(c->s - from) };
	return true;
}

/* What stands between quotes; *ascii becomes false when not all of it is. */
static bool
string(struct cursor *c, struct eg_stretch *out, bool *ascii)
{
	const char *from;

	if (!take(c, '"'))
		return false;
	for (from = c->s; c->s < c->end && *c->s != '"'; c->s++) {
		unsigned char ch = (unsigned char)*c->s;

		if (ch < 0x20 || ch == '\\')
			return false;
		if (ch >= 0x80)
			*ascii = false;
	}
	if (c->s == c->end)
		return false;
	*out = (struct eg_stretch){ from, (size_t)(c->s++ - from) };
	return true;
}

static bool
is(const struct eg_stretch *name, const char *want, size_t len)
{
	return name->len == len && memcmp(name->s, want, len) == 0;
}

static bool
member(struct cursor *c, struct eg_plain *p)
{
	struct eg_stretch name, value;
	bool ascii = true, quoted;

	if (!string(c, &name, &ascii) || !take(c, ':'))
		return false;
	space(c);
	quoted = c->s < c->end && *c->s == '"';
	if (quoted && is(&name, "sensor_id", 9)) {
		/* Whether it is UTF-8 is looked at with the record. */
		return string(c, &p->sensor, &(bool){ true });
	}
	if (quoted ? !string(c, &value, &ascii) : !number(c, &value))
		return false;
	if (is(&name, "timestamp", 9)) {
		p->time = value;
		return quoted && ascii;
	}
	if (is(&name, "value", 5)) {
		p->value = value;
		return !quoted;
	}
	return ascii && !is(&name, "sensor_id", 9);
}

bool
eg_plain_read(const char *text, size_t len, struct eg_plain *p)
{
	struct cursor c = { text, text + len };

	*p = (struct eg_plain){ 0 };
	if (!take(&c, '{'))
		return false;
	do {
		if (!member(&c, p))
			return false;
	} while (take(&c, ','));
	return take(&c, '}') && c.s == c.end && p->sensor.s != NULL && p->value.s != NULL;
}
