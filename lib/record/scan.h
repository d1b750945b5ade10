/* SPDX-License-Identifier: MIT */
/* The fast reader of records in their common form: eg_record_scan. For record.c and lines.c alone,
 * which need it inlined. */
#ifndef EG_SCAN_H
#define EG_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/swar.h"
#include "record/civil.h"

/* Finds the end of a plain number at p: the newline behind it. NULL: it is no such number, or is
 * longer than 7 bytes after the sign. At least 9 bytes can be read at p. *json: it is a JSON
 * number. */
HOT const char *
scan_plain_number(const char *p, bool *json)
{
	const char *end;
	size_t whole;

	if (SELDOM(*p == '-'))
		p++;
	end = eg_swar_number_end(p, &whole);
	if (end == NULL)
		return NULL;
	*json = end != p + whole + 1 && (*p != '0' || whole == 1);
	return *end == '\n' ? end : NULL;
}

/* The end of a sensor of printable ASCII: its colon, with room for the rest of a record behind it.
 * NULL: the line may still be a record. */
HOT const char *
plain_sensor_end(const char *line, const char *end)
{
	const char *p = line;
	size_t n = 8;

	for (; n == 8 && end - p >= 8; p += n)
		n = eg_swar_prefix(p, "::::");
	if (end - p < 1 + CIVIL_LEN + 2 || *p != ':' || *line == '#' ||
	    (size_t)(p - line) - 1 >= EG_SENSOR_MAX)
		return NULL;
	return p;
}

/* Sets the fields of the key: a sensor that ends at colon, and a time in whole seconds without a
 * zone or with Z. Returns the start of the value, or NULL. */
HOT const char *
put_plain_key(const char *line, const char *colon, int64_t ns, struct eg_record *r)
{
	const char *p = colon + 1 + CIVIL_LEN;

	if (SELDOM(*p == 'Z'))
		p++;
	if (*p++ != ':')
		return NULL;
	r->line = line;
	r->ns = ns;
	r->order = 0;
	r->sensor_len = (uint8_t)(colon - line);
	r->value_at = (uint16_t)(p - line);
	r->subsecond = false;
	return p;
}

/* See eg_record_scan. */
HOT size_t
scan_record(const char *text, const char *end, struct eg_record_day *day, struct eg_record *r)
{
	const char *p = plain_sensor_end(text, end);
	int64_t ns;

	if (p == NULL || !read_civil_of_day(p + 1, day, &ns) ||
	    (p = put_plain_key(text, p, ns, r)) == NULL || end - p < 9 ||
	    (p = scan_plain_number(p, &r->json)) == NULL || p >= end)
		return 0;
	r->len = (uint16_t)(p - text);
	return (size_t)(p - text) + 1;
}

#endif
