/* SPDX-License-Identifier: MIT */
#include "plot/widths.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/slots.h"

#define MINUTE (60 * EG_NS_PER_S)
#define HOUR (60 * MINUTE)

static const struct width {
	int64_t ns;
	const char *every; /* a slot of the calendar; NULL: counted from 1970 in UTC */
	const char *name;
} widths[] = {
	{ 1, NULL, NULL }, { 10, NULL, NULL }, { 100, NULL, NULL }, { 1000, NULL, NULL },
	{ 10000, NULL, NULL }, { 100000, NULL, NULL }, { EG_NS_PER_MS, NULL, NULL },
	{ 10 * EG_NS_PER_MS, NULL, NULL }, { 100 * EG_NS_PER_MS, NULL, NULL },
	{ EG_NS_PER_S, NULL, NULL }, { 5 * EG_NS_PER_S, NULL, NULL }, { 15 * EG_NS_PER_S, NULL, NULL },
	{ 30 * EG_NS_PER_S, NULL, NULL }, { MINUTE, NULL, "minute" }, { 5 * MINUTE, NULL, "5 minutes" },
	{ 15 * MINUTE, "15m", "quarter-hour" }, { 30 * MINUTE, "30m", "half-hour" },
	{ HOUR, "1h", "hour" }, { 3 * HOUR, "3h", "3 hours" }, { 24 * HOUR, "1d", "day" },
	{ 7 * 24 * HOUR, "1w", "week" },
};

enum { WIDTHS = sizeof(widths) / sizeof(widths[0]) };

struct eg_widths {
	const char *zone;
	int64_t most;
	const struct width *now;
	struct eg_slots *slots; /* slots of the current width; NULL if it has none */
};

struct eg_widths *
eg_widths_open(const char *zone, int64_t most, struct eg_error *e)
{
	struct eg_widths *w = calloc(1, sizeof(*w));

	if (w == NULL)
		eg_fail(e, EG_BUG, "out of memory");
	else
		*w = (struct eg_widths){ .zone = zone, .most = most, .now = widths };
	return w;
}

void
eg_widths_free(struct eg_widths *w)
{
	if (w != NULL)
		eg_slots_free(w->slots);
	free(w);
}

bool
eg_widths_many(const struct eg_widths *w, int64_t first, int64_t last)
{
	double cells = ((double)last - (double)first) / (double)w->now->ns;

	if (w->now == &widths[WIDTHS - 1])
		return false;
	return cells >= (double)w->most / (w->now->ns == 3 * HOUR ? 2 : 1);
}

bool
eg_widths_next(struct eg_widths *w, int *rc, struct eg_error *e)
{
	if (w->now == &widths[WIDTHS - 1])
		return false;
	w->now++;
	eg_slots_free(w->slots);
	w->slots = NULL;
	if (w->now->every == NULL)
		return true;
	w->slots = eg_slots_open(&(struct eg_slots_options){ .every = w->now->every, .zone = w->zone },
	    e);
	*rc = w->slots != NULL ? 0 : -1;
	return w->slots != NULL;
}

int64_t
eg_widths_key(void *ctx, int64_t ns)
{
	struct eg_widths *w = ctx;
	int64_t part;

	if (w->slots != NULL)
		return eg_slots_at(w->slots, ns).from;
	part = ns % w->now->ns;
	part += part < 0 ? w->now->ns : 0;
	return ns < INT64_MIN + part ? INT64_MIN : ns - part;
}

int64_t
eg_widths_ns(const struct eg_widths *w)
{
	return w->now->ns;
}

const char *
eg_widths_name(const struct eg_widths *w)
{
	return w->now->name;
}
