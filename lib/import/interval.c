/* SPDX-License-Identifier: MIT */
/* Instants of intervals that a file numbers from the beginning of each local day. */
#include "base/clock.h"
#include "import/parts.h"

enum { DAY = 86400 };

const char *
eg_import_interval_number(struct eg_slice s, int64_t *n)
{
	size_t i = 0, digits;

	while (i < s.len && (unsigned char)(s.s[i] - '0') > 9)
		i++;
	*n = 0;
	for (digits = i; digits < s.len && digits < i + 4 && (unsigned char)(s.s[digits] - '0') <= 9;
	    digits++)
		*n = *n * 10 + (s.s[digits] - '0');
	return digits == i || digits < s.len || i > 16 ||
	    *n < 1 ? "not the number of an interval, from 1 on"
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
