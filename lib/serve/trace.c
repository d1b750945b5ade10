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
	t->from = (uint64_t)minute * MINUTE_NS;
	t->column = column_of(minute);
}

void
eg_trace_add(struct eg_trace *t, int64_t ns, double value)
{
	/* Most readings are in the newest minute. Divisions of 64 bits are slow. */
	bool newest = t->n[t->column] > 0 && (uint64_t)ns - t->from < MINUTE_NS;
	int64_t minute = newest ? t->minute : eg_trace_minute(ns);
	unsigned i = newest ? t->column : column_of(minute);

	if (minute > t->minute || t->n[t->column] == 0)
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
