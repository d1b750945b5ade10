/* SPDX-License-Identifier: MIT */
/* InfluxDB's line protocol, read into records. */
#include "points.h"

#include <string.h>

#include "intake.h"
#include "number.h"
#include "record.h"

#define NS_PER_S INT64_C(1000000000)

/* A stretch of the body, escapes and all. */
struct stretch {
	const char *s;
	size_t len;
};

/* A point's parts; fields stays as it was written until its time is known. */
struct point {
	struct stretch series, sensor, fields, time;
	bool named; /* sensor is a tag's value */
};

/* Reads on from s up to end. */
struct cursor {
	const char *s, *end;
	const char *bad; /* the reason it cannot be read */
};

bool
eg_points_unit(const char *precision, bool v1, int64_t *unit)
{
	static const struct {
		const char *name;
		int64_t unit;
		bool v1;
	} units[] = {
		{ "ns", 1, false }, { "us", 1000, false }, { "ms", 1000000, false },
		{ "s", NS_PER_S, false }, { "n", 1, true }, { "u", 1000, true },
		{ "m", 60 * NS_PER_S, true }, { "h", 3600 * NS_PER_S, true },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(precision, units[i].name) == 0 && (v1 || !units[i].v1)) {
			*unit = units[i].unit;
			return true;
		}
	return false;
}

/* Up to a character of stops that no backslash stands before, or the line's end. */
static struct stretch
word(struct cursor *c, const char *stops)
{
	struct stretch w = { c->s, 0 };

	for (; c->s < c->end && *c->s != '\n'; c->s++) {
		if (*c->s == '\\' && c->end - c->s > 1 && c->s[1] != '\n') {
			c->s++;
			continue;
		}
		if (strchr(stops, *c->s) != NULL && *c->s != '\0')
			break;
	}
	w.len = (size_t)(c->s - w.s);
	return w;
}

static bool
at(const struct cursor *c, char ch)
{
	return c->s < c->end && *c->s == ch;
}

static void
blanks(struct cursor *c)
{
	while (at(c, ' '))
		c->s++;
}

static bool
is(struct stretch w, const char *text)
{
	return w.len == strlen(text) && memcmp(w.s, text, w.len) == 0;
}

static bool
one_of(struct stretch w, const char *const *names)
{
	for (; *names != NULL; names++)
		if (is(w, *names))
			return true;
	return false;
}

/* Behind a string in quotes, which may hold newlines. */
static void
quoted(struct cursor *c)
{
	for (c->s++; c->s < c->end && *c->s != '"'; c->s++)
		if (*c->s == '\\' && c->end - c->s > 1)
			c->s++;
	if (c->s == c->end)
		c->bad = "a string has no end";
	else
		c->s++;
}

enum kind { NUMBER, TEXT, WRONG };

/* What a field's value is; *w loses an integer's suffix. */
static enum kind
kind_of(struct stretch *w)
{
	static const char *const booleans[] = { "t", "T", "true", "True", "TRUE", "f", "F",
		"false", "False", "FALSE", NULL };
	struct stretch n = *w;
	bool whole = n.len > 1 && (n.s[n.len - 1] == 'i' || n.s[n.len - 1] == 'u');

	if (n.len > 0 && n.s[0] == '"')
		return TEXT;
	if (one_of(n, booleans))
		return TEXT;
	if (whole)
		n.len--;
	for (size_t i = 0; whole && i < n.len; i++)
		if ((n.s[i] < '0' || n.s[i] > '9') && (i > 0 || n.s[i] != '-'))
			return WRONG;
	/* A number that is too long for a record is still one. */
	if (n.len <= EG_VALUE_MAX && eg_decimal_check(n.s, n.len) == EG_NUMBER_FORM)
		return WRONG;
	*w = n;
	return NUMBER;
}

/* The next field, with the comma behind it. */
static enum kind
field(struct cursor *c, struct stretch *name, struct stretch *value)
{
	enum kind k;

	*name = word(c, ",= ");
	if (name->len == 0 || !at(c, '=')) {
		c->bad = "a field has no name and value";
		return WRONG;
	}
	value->s = ++c->s;
	if (at(c, '"'))
		quoted(c);
	else
		(void)word(c, ", \r");
	value->len = (size_t)(c->s - value->s);
	k = kind_of(value);
	if (k == WRONG && c->bad == NULL)
		c->bad = "a field's value is no number, string or boolean";
	if (at(c, ','))
		c->s++;
	return k;
}

static void
tags(const struct eg_points *p, struct cursor *c, struct point *pt)
{
	while (at(c, ',')) {
		struct stretch name, value;

		c->s++;
		name = word(c, ",= ");
		if (name.len == 0 || !at(c, '=')) {
			c->bad = "a tag has no name and value";
			return;
		}
		c->s++;
		value = word(c, ",= ");
		if (value.len == 0 || at(c, '=')) {
			c->bad = "a tag has no value";
			return;
		}
		if (is(name, p->tag)) {
			pt->sensor = value;
			pt->named = true;
		}
	}
}

/* Takes the line's end, or finds that there is more. */
static void
line_end(struct cursor *c)
{
	blanks(c);
	if (at(c, '\r'))
		c->s++;
	if (c->s < c->end && *c->s != '\n')
		c->bad = "something follows the time";
}

static void
parse(const struct eg_points *p, struct cursor *c, struct point *pt)
{
	struct stretch name, value;

	*pt = (struct point){ .series.s = c->s };
	name = word(c, ", ");
	if (name.len == 0)
		c->bad = "the measurement is missing";
	tags(p, c, pt);
	pt->series.len = (size_t)(c->s - pt->series.s);
	if (c->bad == NULL && !at(c, ' '))
		c->bad = "the fields are missing";
	blanks(c);
	pt->fields.s = c->s;
	do {
		if (c->bad != NULL)
			return;
		field(c, &name, &value);
	} while (c->bad == NULL && c->s[-1] == ',');
	pt->fields.len = (size_t)(c->s - pt->fields.s);
	blanks(c);
	pt->time = word(c, " \r");
	if (c->bad == NULL)
		line_end(c);
}

/* Nanoseconds of the point's time, to the digit; false when it cannot be. */
static bool
instant(const struct eg_points *p, const struct eg_intake *in, struct stretch t, int64_t *ns)
{
	bool minus = t.len > 0 && t.s[0] == '-';
	int64_t n = 0, unit = p->unit;

	if (t.len == 0) {
		*ns = in->now_ns;
		return true;
	}
	if (t.len == (size_t)minus)
		return false;
	for (size_t i = minus; i < t.len; i++)
		if (t.s[i] < '0' || t.s[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, t.s[i] - '0', &n))
			return false;
	if (unit == EG_POINTS_AUTO)
		unit = n < INT64_C(100000000000) ? NS_PER_S :
		    n < INT64_C(100000000000000) ? 1000000 :
		    n < INT64_C(100000000000000000) ? 1000 : 1;
	return !__builtin_mul_overflow(minus ? -n : n, unit, ns);
}

/* Appends w to line without the backslashes that escape; false when it is too long. */
static bool
put(char *line, size_t *n, struct stretch w, bool escaped)
{
	for (size_t i = 0; i < w.len; i++) {
		if (escaped && w.s[i] == '\\' && i + 1 < w.len &&
		    (w.s[i + 1] == ',' || w.s[i + 1] == '=' || w.s[i + 1] == ' '))
			i++;
		if (*n > EG_SENSOR_MAX)
			return false;
		line[(*n)++] = w.s[i];
	}
	return true;
}

/* One field of a point as a record. */
static void
add_field(struct eg_intake *in, const struct point *pt, struct stretch name,
    struct stretch value, int64_t ns, struct stretch whole)
{
	char line[2 * EG_SENSOR_MAX + EG_TIME_SIZE + EG_VALUE_MAX + 8];
	struct stretch slash = { "/", 1 };
	size_t n = 0;
	bool fits = pt->named ? put(line, &n, pt->sensor, true) : put(line, &n, pt->series, false);

	if (!is(name, "value"))
		fits = fits && put(line, &n, slash, false) && put(line, &n, name, true);
	if (!fits || n > EG_SENSOR_MAX) {
		eg_intake_refuse(in, whole.s, whole.len, eg_fault_text(EG_FAULT_SENSOR_LONG));
	} else if (memchr(line, ':', n) != NULL) {
		eg_intake_refuse(in, whole.s, whole.len, "the sensor's name holds a colon");
	} else if (value.len > EG_VALUE_MAX) {
		eg_intake_refuse(in, whole.s, whole.len, eg_fault_text(EG_FAULT_VALUE_LONG));
	} else {
		line[n++] = ':';
		n += eg_time_format(ns, line + n);
		line[n++] = ':';
		memcpy(line + n, value.s, value.len);
		eg_intake_add(in, line, n + value.len);
	}
}

static void
add_fields(const struct eg_points *p, struct eg_intake *in, const struct point *pt,
    struct stretch whole)
{
	struct cursor c = { pt->fields.s, pt->fields.s + pt->fields.len, NULL };
	int64_t ns;

	if (!instant(p, in, pt->time, &ns)) {
		eg_intake_refuse(in, whole.s, whole.len, eg_fault_text(EG_FAULT_TIME_RANGE));
		return;
	}
	while (c.s < c.end) {
		struct stretch name, value;
		enum kind k = field(&c, &name, &value);

		if (k == NUMBER)
			add_field(in, pt, name, value, ns, whole);
		else if (!p->skip_text)
			eg_intake_refuse(in, whole.s, whole.len, "a field is text, not a number");
	}
}

static bool
is_time(struct stretch t)
{
	size_t i = t.len > 0 && t.s[0] == '-';

	if (t.len > 0 && i == t.len)
		return false;
	for (; i < t.len; i++)
		if (t.s[i] < '0' || t.s[i] > '9')
			return false;
	return true;
}

/* Skips blank lines and comments; whether there is more. */
static bool
next_line(struct cursor *c, uint32_t *index)
{
	for (; c->s < c->end; ++*index) {
		const char *nl;

		blanks(c);
		nl = memchr(c->s, '\n', (size_t)(c->end - c->s));
		if (!eg_line_skipped(c->s, (size_t)((nl != NULL ? nl : c->end) - c->s)))
			return true;
		c->s = nl != NULL ? nl + 1 : c->end;
	}
	return false;
}

/* Parses the line that c stands at, and leaves c at the next one. */
static struct stretch
take_line(const struct eg_points *p, struct cursor *c, struct point *pt)
{
	struct stretch whole = { c->s, 0 };
	const char *nl;

	c->bad = NULL;
	parse(p, c, pt);
	if (c->bad == NULL && !is_time(pt->time))
		c->bad = "the time is not a whole number";
	/* Behind a fault nobody knows what is a string: the next line begins at the newline. */
	nl = c->s < c->end ? memchr(c->s, '\n', (size_t)(c->end - c->s)) : NULL;
	c->s = nl != NULL ? nl : c->end;
	whole.len = (size_t)(c->s - whole.s);
	c->s += nl != NULL;
	return whole;
}

void
eg_points_read(const struct eg_points *p, struct eg_intake *in, const char *body, size_t len,
    size_t *unparsed)
{
	struct cursor c = { body, body + len, NULL };

	while (!in->full && !in->broken && next_line(&c, &in->index)) {
		struct point pt;
		struct stretch whole = take_line(p, &c, &pt);

		if (c.bad == NULL) {
			add_fields(p, in, &pt, whole);
		} else {
			eg_intake_refuse(in, whole.s, whole.len, c.bad);
			if (unparsed != NULL)
				++*unparsed;
		}
		in->index++;
	}
}

bool
eg_points_likely(const char *body, size_t len)
{
	struct eg_points p = { .tag = "" };
	struct cursor c = { body, body + len, NULL };
	struct point pt;
	uint32_t index = 0;

	if (!next_line(&c, &index))
		return false;
	take_line(&p, &c, &pt);
	return c.bad == NULL;
}
