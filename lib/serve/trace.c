/* SPDX-License-Identifier: MIT */
/* The means of a sensor's readings in each minute of the last hour. */
#include "serve/trace.h"

#include "base/calendar.h"
#include "base/clock.h"

#define MINUTE_NS (60 * EG_NS_PER_S)

int64_t
eg_trace_minute(int64_t ns)
{
	return eg_floor_div(ns, MINUTE_NS);
}

static unsigned
column_of(int64_t minute)
{
	return (unsigned)((minute % EG_TRACE_MINUTES + EG_TRACE_MINUTES) % EG_TRACE_MINUTES);
}

static bool
is_held(const struct eg_trace *t, int64_t minute)
{
	return minute <= t->minute && minute > t->minute - EG_TRACE_MINUTES;
}

/* Makes minute, which is later, the newest. */
static void
advance_to(struct eg_trace *t, int64_t minute)
{
	int64_t from = t->minute + 1;

	if (from < minute - EG_TRACE_MINUTES + 1)
		from = minute - EG_TRACE_MINUTES + 1;
	for (; from <= minute; from++)
		t->n[column_of(from)] = 0;
	t->minute = minute;
}

void
eg_trace_add(struct eg_trace *t, int64_t ns, double value)
{
	int64_t minute = eg_trace_minute(ns);
	unsigned i = column_of(minute);

	if (minute > t->minute || t->n[column_of(t->minute)] == 0)
		advance_to(t, minute);
	if (!is_held(t, minute) || t->n[i] == UINT32_MAX)
		return;
	if (t->n[i]++ == 0)
		t->mean[i] = 0;
	t->mean[i] += (value - t->mean[i]) / t->n[i];
}

bool
eg_trace_mean(const struct eg_trace *t, int64_t minute, double *mean)
{
	unsigned i = column_of(minute);

	if (!is_held(t, minute) || t->n[i] == 0)
		return false;
	*mean = t->mean[i];
	return true;
}
