/* SPDX-License-Identifier: MIT */
/* Instants of rows, and of intervals that a file numbers from the beginning of each local day. */
#include "base/clock.h"
#include "import/parts.h"

#define RANGE_FIRST INT64_C(-9214560000) /* 1678-01-01 */
#define RANGE_END INT64_C(9214646400)    /* 2262-01-01 */

enum { DAY = 86400 };

const char *
eg_import_instant(struct eg_import *m, struct eg_sensor *sensor, const struct eg_clock_reading *r,
    int64_t *ns)
{
	const char *why;
	int64_t s = r->seconds;

	if (r->has_offset)
		s -= r->offset;
	else if (m->o->zone == NULL)
		s -= m->o->offset;
	else if ((why = eg_local_instant(&sensor->order, m->o->zone, s, r->date_only, &s)) != NULL)
		return why;
	s += m->o->shift_s;
	if (s < RANGE_FIRST || s >= RANGE_END)
		return "the time is out of the range 1678..2261";
	*ns = s * EG_NS_PER_S + r->nanos;
	return NULL;
}

const char *
eg_import_interval_number(struct eg_slice s, int64_t *n)
{
	size_t i = 0, digits;

	while (i < s.len && (unsigned char)(s.s[i] - '0') > 9)
		i++;
	*n = 0;
	for (digits = i; digits < s.len && digits < i + 4 && (unsigned char)(s.s[digits] - '0') <= 9; digits++)
		*n = *n * 10 + (s.s[digits] - '0');
	return digits == i || digits < s.len || i > 16 || *n < 1 ? "not the number of an interval, from 1 on"
	                                                          : NULL;
}

const char *
eg_import_interval_instant(struct eg_import *m, const struct eg_clock_reading *date, int64_t n,
    int64_t *ns)
{
	struct eg_clock_reading day = *date, next;
	struct eg_sensor any = { .order = { .last = 0 } };
	const char *why;
	int64_t end;

	if (day.seconds % DAY != 0)
		return "the date of a numbered interval has a time of day";
	day.date_only = true;
	next = day;
	next.seconds += DAY;
	if ((why = eg_import_instant(m, &any, &day, ns)) != NULL ||
	    (why = eg_import_instant(m, &any, &next, &end)) != NULL)
		return why;
	*ns += (n - 1) * m->o->interval_s * EG_NS_PER_S;
	return *ns < end ? NULL : "the day has no interval of that number";
}
