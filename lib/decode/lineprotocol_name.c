/* SPDX-License-Identifier: MIT */
/* The sensor's name of any point, and what is asked once for a body: built for size, unlike the
 * fast ways. */
#include <string.h>

#include "base/clock.h"
#include "decode/lineprotocol_line.h"
#include "decode/lineprotocol_read.h"
#include "record/record.h"

bool
eg_lineprotocol_precision(const char *precision, bool v1, int64_t *unit)
{
	static const struct {
		const char *name;
		int64_t unit;
		bool v1;
	} units[] = {
		{ "ns", 1, false }, { "us", 1000, false }, { "ms", 1000000, false },
		{ "s", EG_NS_PER_S, false }, { "n", 1, true }, { "u", 1000, true },
		{ "m", 60 * EG_NS_PER_S, true }, { "h", 3600 * EG_NS_PER_S, true },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(precision, units[i].name) == 0 && (v1 || !units[i].v1)) {
			*unit = units[i].unit;
			return true;
		}
	return false;
}

/* Appends a byte to a sensor's name of *n bytes. A colon would end the name, so it becomes %3A;
 * a '#' at the start would make the line a comment, so it becomes %23. Returns false if the name
 * becomes too long. */
static bool
put_byte(char *name, size_t *n, char c)
{
	bool safe = c != ':' && (c != '#' || *n > 0);
	size_t len = safe ? 1 : 3;

	if (len > EG_SENSOR_MAX - *n)
		return false;
	memcpy(name + *n, safe ? &c : c == ':' ? "%3A" : "%23", len);
	*n += len;
	return true;
}

/* Appends w to a sensor's name of *n bytes; if it is escaped, its backslashes are removed.
 * Returns false if the name becomes too long. */
static bool
append_name(char *name, size_t *n, struct eg_slice w, bool escaped)
{
	if ((!escaped || memchr(w.s, '\\', w.len) == NULL) && memchr(w.s, ':', w.len) == NULL &&
	    (*n > 0 || w.len == 0 || *w.s != '#')) {
		if (w.len > EG_SENSOR_MAX - *n)
			return false;
		memcpy(name + *n, w.s, w.len);
		*n += w.len;
		return true;
	}
	for (size_t i = 0; i < w.len; i++) {
		if (escaped && w.s[i] == '\\' && i + 1 < w.len &&
		    (w.s[i + 1] == ',' || w.s[i + 1] == '=' || w.s[i + 1] == ' '))
			i++;
		if (!put_byte(name, n, w.s[i]))
			return false;
	}
	return true;
}

size_t
eg_lineprotocol_name(bool named, struct eg_slice series, struct eg_slice field, char *name)
{
	const struct eg_slice slash = { "/", 1 };
	size_t n = 0;
	bool fits = append_name(name, &n, series, named);

	if (!eg_field_is_value(field))
		fits = fits && append_name(name, &n, slash, false) && append_name(name, &n, field, true);
	return fits ? n : 0;
}

bool
eg_lineprotocol_likely(const char *body, size_t len)
{
	struct eg_point_cursor c = { body, body + len, NULL };
	struct eg_point pt;
	uint32_t index = 0;

	if (!eg_point_next(&c, &index))
		return false;
	(void)eg_point_read(&c, (struct eg_slice){ "", 0 }, &pt);
	return c.bad == NULL;
}
