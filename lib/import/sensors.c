/* SPDX-License-Identifier: MIT */
/* The sensors of a file. */
#include "import/sensors.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/diag.h"
#include "base/utf8.h"
#include "record/record.h"

struct name {
	char *text; /* NULL: not made yet */
	size_t len;
	struct eg_sensor_units *units; /* owned by the table of names */
};

/* A key and its data, in a hash table with open addressing. */
struct entry {
	uint64_t hash;
	char *key; /* NULL: the place is free */
	size_t len;
	unsigned file;
	struct eg_sensor sensor; /* for a base */
	struct name *name;       /* for a base: its names, by column */
	uint64_t owner;          /* for a name: the hash of its origin */
	struct eg_sensor_units *units; /* for a name; allocated, since entries move */
};

struct table {
	struct entry *at;
	size_t size, n;
};

struct eg_sensors {
	const char *prefix;
	size_t columns;
	unsigned file;
	struct table bases;  /* by the text in rows */
	struct table owners; /* by name in records */
	size_t last;         /* of bases: the entry used last */
	bool any;
	char reason[320];
};

struct eg_sensors *
eg_sensors_new(const char *prefix, size_t columns, struct eg_error *e)
{
	struct eg_sensors *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	s->prefix = prefix;
	s->columns = columns;
	return s;
}

static void
free_table(struct table *t, size_t columns)
{
	for (size_t i = 0; i < t->size; i++) {
		for (size_t k = 0; t->at[i].name != NULL && k < columns; k++)
			free(t->at[i].name[k].text);
		free(t->at[i].name);
		free(t->at[i].units);
		free(t->at[i].key);
	}
	free(t->at);
}

void
eg_sensors_free(struct eg_sensors *s)
{
	if (s == NULL)
		return;
	free_table(&s->bases, s->columns);
	free_table(&s->owners, 0);
	free(s);
}

void
eg_sensors_next_file(struct eg_sensors *s)
{
	s->file++;
	s->any = false;
}

/* The place of the key, or the free place for it. */
static size_t
find_slot(const struct table *t, uint64_t hash, const char *key, size_t len)
{
	size_t i = (size_t)hash & (t->size - 1);

	while (t->at[i].key != NULL && (t->at[i].hash != hash || t->at[i].len != len ||
	    memcmp(t->at[i].key, key, len) != 0))
		i = (i + 1) & (t->size - 1);
	return i;
}

static bool
grow(struct table *t)
{
	struct table more = { NULL, t->size > 0 ? 2 * t->size : 64, t->n };

	more.at = calloc(more.size, sizeof(*more.at));
	if (more.at == NULL)
		return false;
	for (size_t i = 0; i < t->size; i++)
		if (t->at[i].key != NULL)
			more.at[find_slot(&more, t->at[i].hash, t->at[i].key, t->at[i].len)] = t->at[i];
	free(t->at);
	*t = more;
	return true;
}

/* The entry of the key; if there is none, it is added (*fresh). NULL: out of memory. */
static struct entry *
entry_of(struct table *t, const char *key, size_t len, bool *fresh)
{
	uint64_t hash = XXH3_64bits(key, len);
	struct entry *x;

	if ((2 * t->n >= t->size && !grow(t)) || t->at == NULL)
		return NULL;
	x = &t->at[find_slot(t, hash, key, len)];
	*fresh = x->key == NULL;
	if (!*fresh)
		return x;
	if ((x->key = malloc(len + 1)) == NULL)
		return NULL;
	memcpy(x->key, key, len);
	x->key[len] = '\0';
	x->hash = hash;
	x->len = len;
	t->n++;
	return x;
}

struct eg_sensor *
eg_sensors_get(struct eg_sensors *s, const char *base, size_t len)
{
	struct entry *x = s->any ? &s->bases.at[s->last] : NULL;
	bool fresh;

	if (x != NULL && x->len == len && memcmp(x->key, base, len) == 0)
		return &x->sensor;
	if ((x = entry_of(&s->bases, base, len, &fresh)) == NULL)
		return NULL;
	if (fresh && (x->name = calloc(s->columns, sizeof(*x->name))) == NULL)
		return NULL;
	if (fresh || x->file != s->file) {
		x->file = s->file;
		x->sensor = (struct eg_sensor){ .order = { .last = 0 } };
		for (size_t k = 0; k < s->columns; k++) {
			free(x->name[k].text);
			x->name[k].text = NULL;
		}
	}
	s->last = (size_t)(x - s->bases.at);
	s->any = true;
	return &x->sensor;
}

/* Replaces by an underscore each colon, control character and byte that is not UTF-8, and a first
 * character that would begin a comment. Returns the new length. */
static size_t
make_safe(char *text, size_t len)
{
	const char *end = text + len;
	char *out = text;
	size_t n;

	for (const char *p = text; p < end; p += n == 0 ? 1 : n) {
		n = eg_utf8_len(p, end);
		if (n == 0 || *p == ':' || eg_utf8_is_control(p, n) || (p == text && *p == '#') ||
		    (p == text && n == 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)) {
			*out++ = '_';
		} else {
			memmove(out, p, n);
			out += n;
		}
	}
	return (size_t)(out - text);
}

/* Assigns the name to owner. 1: assigned, with its units; 0: it belongs to another
 * owner; -1: no memory. */
static int
claim(struct eg_sensors *s, const char *name, size_t len, uint64_t owner,
    struct eg_sensor_units **units)
{
	bool fresh;
	struct entry *x = entry_of(&s->owners, name, len, &fresh);

	if (x == NULL || (x->units == NULL && (x->units = calloc(1, sizeof(*x->units))) == NULL))
		return -1;
	if (fresh)
		x->owner = owner;
	*units = x->units;
	return x->owner == owner;
}

static const char *
make_name(struct eg_sensors *s, const struct entry *x, size_t i, const char *suffix,
    struct name *out)
{
	const char *slash = x->len > 0 && *suffix != '\0' ? "/" : "";
	size_t room = strlen(s->prefix) + x->len + strlen(suffix) + 2, n;
	char *text = malloc(room), q[EG_QUOTE_MAX];
	struct eg_sensor_units *units = NULL;
	uint64_t owner;
	int mine;

	if (text == NULL)
		return "out of memory";
	n = (size_t)(stpcpy(mempcpy(stpcpy(text, s->prefix), x->key, x->len), slash) - text);
	n = (size_t)(stpcpy(text + n, suffix) - text);
	owner = XXH3_64bits_withSeed(text, n, i);
	n = make_safe(text, n);
	mine = n > EG_SENSOR_MAX ? 1 : claim(s, text, n, owner, &units);
	if (n <= EG_SENSOR_MAX && mine == 1) {
		*out = (struct name){ text, n, units };
		return NULL;
	}
	snprintf(s->reason, sizeof(s->reason), "two sensors would both be named %s",
	    eg_quote(text, n, q));
	free(text);
	return n > EG_SENSOR_MAX ? "the name of the sensor is longer than 255 bytes"
	    : mine == 0 ? s->reason : "out of memory";
}

const char *
eg_sensors_name(struct eg_sensors *s, size_t i, const char *suffix, const char **name, size_t *len)
{
	struct entry *x = &s->bases.at[s->last];
	const char *why;

	if (x->name[i].text == NULL) {
		if (x->len == 0 && *suffix == '\0')
			return "the sensor has no name";
		if ((why = make_name(s, x, i, suffix, &x->name[i])) != NULL)
			return why;
	}
	*name = x->name[i].text;
	*len = x->name[i].len;
	return NULL;
}

struct eg_sensor_units *
eg_sensors_units(struct eg_sensors *s, size_t i)
{
	return s->bases.at[s->last].name[i].units;
}
