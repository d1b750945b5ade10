/* SPDX-License-Identifier: MIT */
/* Green Button: readings of utilities as an Atom feed, NAESB REQ.21 (ESPI). Its entries are
 * connected by links: from a block of intervals to its meter reading, and from there to the reading
 * type. */
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "import/input.h"
#include "import/parts.h"
#include "record/record.h"

enum { READ = 64 * 1024, TYPES = 64, METERS = 256, TEXT_MAX = 64 };

/* A ReadingType, and the address at which others refer to it. */
struct type {
	char *self;
	int flow, power, unit;
};

/* A MeterReading, and the address of its ReadingType. */
struct meter {
	char *self, *type;
};

struct feed {
	struct eg_import *m;
	XML_Parser xml;
	struct eg_error *e;
	struct type type[TYPES];
	struct meter meter[METERS];
	size_t types, meters;
	/* Of the current entry: */
	char *self, *up, *related;
	struct type reading_type;
	bool in_type, bad_type, in_meter, in_reading, failed;
	size_t current; /* index of its type; TYPES: none */
	char start[TEXT_MAX], value[TEXT_MAX];
	/* Of the current element: */
	char text[TEXT_MAX];
	size_t len;
};

/* Units of measure (ESPI's UomType), as the end of a sensor's name. */
static const struct {
	int code;
	const char *name;
} units[] = { { 72, "wh" }, { 38, "w" }, { 71, "vah" }, { 61, "va" }, { 73, "varh" }, { 63, "var" },
	{ 29, "v" }, { 5, "a" }, { 33, "hz" }, { 42, "m3" }, { 119, "ft3" }, { 132, "btu" },
	{ 169, "therm" }, { 31, "j" } };

/* expat 2.9 names the function by the width of its result, and deprecates the other. */
static size_t
line_number(XML_Parser xml)
{
#if XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 9)
	return (size_t)XML_GetCurrentLineNumber64(xml);
#else
	return XML_GetCurrentLineNumber(xml);
#endif
}

static const char *
local_name(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon != NULL ? colon + 1 : name;
}

static void
out_of_memory(struct feed *f)
{
	eg_fail(f->e, EG_BUG, "out of memory");
	f->failed = true;
	XML_StopParser(f->xml, XML_FALSE);
}

static void
keep_text(struct feed *f, char **to, const char *text)
{
	free(*to);
	*to = strdup(text);
	if (*to == NULL)
		out_of_memory(f);
}

static void
take_link(struct feed *f, const char *const *attr)
{
	const char *rel = "", *href = "";

	for (; attr[0] != NULL; attr += 2) {
		if (strcmp(attr[0], "rel") == 0)
			rel = attr[1];
		else if (strcmp(attr[0], "href") == 0)
			href = attr[1];
	}
	if (strcmp(rel, "self") == 0)
		keep_text(f, &f->self, href);
	else if (strcmp(rel, "up") == 0)
		keep_text(f, &f->up, href);
	/* A MeterReading has several related entries; only the type matters. */
	else if (strcmp(rel, "related") == 0 && strstr(href, "/ReadingType") != NULL)
		keep_text(f, &f->related, href);
}

static void
clear_entry(struct feed *f)
{
	free(f->self);
	free(f->up);
	free(f->related);
	f->self = f->up = f->related = NULL;
	f->reading_type = (struct type){ .unit = -1 };
	f->in_type = f->bad_type = f->in_meter = false;
	f->current = TYPES;
}

static size_t
find_type(const struct feed *f, const char *self)
{
	for (size_t i = 0; i < f->types; i++)
		if (f->type[i].self != NULL && self != NULL && strcmp(f->type[i].self, self) == 0)
			return i;
	return TYPES;
}

/* The type of the current block: by its links; without links, the only type. */
static size_t
block_type(const struct feed *f)
{
	for (size_t i = 0; f->up != NULL && i < f->meters; i++) {
		size_t n = f->meter[i].self != NULL ? strlen(f->meter[i].self) : 0;

		if (n > 0 && strncmp(f->up, f->meter[i].self, n) == 0 &&
		    (f->up[n] == '/' || f->up[n] == '\0'))
			return find_type(f, f->meter[i].type);
	}
	return f->types == 1 ? 0 : TYPES;
}

static const char *
name_of_unit(int code)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].code == code)
			return units[i].name;
	return NULL;
}

/* Makes the record of a reading; returns the reason for a refusal, or NULL. */
static const char *
put_reading(struct feed *f)
{
	const struct type *t = &f->type[f->current];
	struct eg_import *m = f->m;
	const char *unit;
	char time[EG_TIME_SIZE];
	int64_t seconds;

	if (f->current == TYPES)
		return "the ReadingType of its block does not stand before it";
	if ((unit = name_of_unit(t->unit)) == NULL)
		return "the unit of its ReadingType is not known";
	if (eg_int_parse(f->start, 0, INT64_C(9214646399), &seconds) != EG_NUMBER_OK)
		return "its start is not a number of seconds since 1970";
	seconds += m->o->shift_s;
	if (seconds * EG_NS_PER_S < m->o->from_ns || seconds * EG_NS_PER_S >= m->o->to_ns) {
		m->n.outside++;
		return NULL;
	}
	/* FlowDirectionType: 1 forward, 19 reverse, 4 net. */
	snprintf(m->suffix[f->current], sizeof(m->suffix[0]), "%s_%s", t->flow == 1 ? "import"
	    : t->flow == 19 ? "export" : t->flow == 4 ? "net" : "other", unit);
	if (eg_sensors_get(m->sensors, m->o->sensor != NULL ? m->o->sensor : "",
	        m->o->sensor != NULL ? strlen(m->o->sensor) : 0) == NULL ||
	        eg_import_reserve(m, f->e) != 0)
		return "out of memory";
	m->n.records++;
	return eg_import_put(m, f->current, t->power, (struct eg_slice){ f->value, strlen(f->value) },
	    time, eg_time_format(seconds * EG_NS_PER_S, time), line_number(f->xml));
}

static void
end_reading(struct feed *f)
{
	struct eg_import *m = f->m;
	uint64_t before = m->n.records;
	char raw[2 * TEXT_MAX + 64];
	const char *why = put_reading(f);
	int n;

	m->n.rows++;
	f->in_reading = false;
	if (why != NULL) {
		m->n.records = before;
		n = snprintf(raw, sizeof(raw), "<start>%s</start><value>%s</value>", f->start, f->value);
		(void)eg_import_refuse(m, line_number(f->xml), raw, (size_t)n, why, f->e);
	}
	(void)eg_import_flush(m, false, f->e);
	if (f->e->status != EG_OK || m->out->stop(m->out->ctx, &m->n) ||
	    (m->o->head > 0 && m->n.rows >= m->o->head)) {
		f->failed = true;
		XML_StopParser(f->xml, XML_FALSE);
	}
}

static void
on_start(void *ctx, const char *name, const char **attr)
{
	struct feed *f = ctx;

	name = local_name(name);
	f->len = 0;
	*f->text = '\0';
	if (strcmp(name, "entry") == 0) {
		clear_entry(f);
	} else if (strcmp(name, "link") == 0) {
		take_link(f, attr);
	} else if (strcmp(name, "ReadingType") == 0) {
		f->in_type = true;
	} else if (strcmp(name, "MeterReading") == 0) {
		f->in_meter = true;
	} else if (strcmp(name, "IntervalBlock") == 0) {
		f->current = block_type(f);
	} else if (strcmp(name, "IntervalReading") == 0) {
		f->in_reading = true;
		*f->start = *f->value = '\0';
	}
}

static void
on_text(void *ctx, const char *s, int len)
{
	struct feed *f = ctx;

	for (int i = 0; i < len && f->len < TEXT_MAX - 1; i++)
		if (s[i] != ' ' && s[i] != '\n' && s[i] != '\r' && s[i] != '\t')
			f->text[f->len++] = s[i];
	f->text[f->len] = '\0';
}

/* Reads a code of ReadingType. If it is not a number, the type's unit is unknown. */
static void
take_code(struct feed *f, int *to, int min, int max)
{
	int64_t n;

	if (eg_int_parse(f->text, min, max, &n) == EG_NUMBER_OK)
		*to = (int)n;
	else
		f->bad_type = true;
}

/* Processes an entry at its end, when all of its links are known. */
static void
end_entry(struct feed *f)
{
	if (f->in_type && f->types < TYPES) {
		f->type[f->types] = f->reading_type;
		f->type[f->types].unit = f->bad_type ? -1 : f->reading_type.unit;
		f->type[f->types++].self = f->self;
		f->self = NULL;
	} else if (f->in_meter && f->meters < METERS) {
		f->meter[f->meters++] = (struct meter){ f->self, f->related };
		f->self = f->related = NULL;
	}
	clear_entry(f);
}

static void
on_end(void *ctx, const char *name)
{
	struct feed *f = ctx;

	name = local_name(name);
	if (strcmp(name, "entry") == 0)
		end_entry(f);
	else if (strcmp(name, "IntervalReading") == 0)
		end_reading(f);
	else if (f->in_type && strcmp(name, "flowDirection") == 0)
		take_code(f, &f->reading_type.flow, 0, 255);
	else if (f->in_type && strcmp(name, "powerOfTenMultiplier") == 0)
		take_code(f, &f->reading_type.power, -12, 12);
	else if (f->in_type && strcmp(name, "uom") == 0)
		take_code(f, &f->reading_type.unit, 0, 255);
	else if (f->in_reading && strcmp(name, "start") == 0)
		memcpy(f->start, f->text, f->len + 1);
	else if (f->in_reading && strcmp(name, "value") == 0)
		memcpy(f->value, f->text, f->len + 1);
	f->len = 0;
	*f->text = '\0';
}

static int
parse_feed(struct feed *f, int fd, char *buf)
{
	size_t got;
	int rc;

	do {
		if ((rc = eg_import_input(fd, buf, READ, &got, &f->m->wait, f->e)) != 0)
			return rc < 0 ? -1 : 0;
		if (XML_Parse(f->xml, buf, (int)got, got == 0) == XML_STATUS_ERROR && !f->failed) {
			eg_import_spoil(f->m, line_number(f->xml), "not well-formed XML: %s",
			    XML_ErrorString(XML_GetErrorCode(f->xml)));
			return 0;
		}
	} while (got > 0 && !f->failed);
	return f->e->status == EG_OK ? 0 : -1;
}

int
eg_import_green_button(struct eg_import *m, int fd, struct eg_error *e)
{
	struct feed *f = calloc(1, sizeof(*f));
	char *buf = malloc(READ);
	int rc = -1;

	if (f != NULL && buf != NULL && (f->xml = XML_ParserCreate(NULL)) != NULL) {
		f->m = m;
		f->e = e;
		clear_entry(f);
		XML_SetUserData(f->xml, f);
		XML_SetElementHandler(f->xml, on_start, on_end);
		XML_SetCharacterDataHandler(f->xml, on_text);
		rc = parse_feed(f, fd, buf);
		clear_entry(f);
		for (size_t i = 0; i < f->types; i++)
			free(f->type[i].self);
		for (size_t i = 0; i < f->meters; i++) {
			free(f->meter[i].self);
			free(f->meter[i].type);
		}
		XML_ParserFree(f->xml);
	} else {
		eg_fail(e, EG_BUG, "out of memory");
	}
	free(buf);
	free(f);
	return rc;
}
