/* SPDX-License-Identifier: MIT */
#include "plot/ticks.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/zone.h"
#include "plot/units.h"

#define DAY INT64_C(86400)

/* A step between marks: a number of seconds, days, weeks or months. */
struct step {
	enum { STEP_CLOCK, STEP_DAYS, STEP_WEEKS, STEP_MONTHS } of;
	int n;
	int64_t seconds; /* approximate length, for choosing a step */
};

static const struct step steps[] = {
	{ STEP_CLOCK, 1, 1 }, { STEP_CLOCK, 2, 2 }, { STEP_CLOCK, 5, 5 }, { STEP_CLOCK, 10, 10 },
	{ STEP_CLOCK, 30, 30 }, { STEP_CLOCK, 60, 60 }, { STEP_CLOCK, 120, 120 },
	{ STEP_CLOCK, 300, 300 }, { STEP_CLOCK, 600, 600 }, { STEP_CLOCK, 900, 900 },
	{ STEP_CLOCK, 1800, 1800 }, { STEP_CLOCK, 3600, 3600 }, { STEP_CLOCK, 7200, 7200 },
	{ STEP_CLOCK, 10800, 10800 }, { STEP_CLOCK, 21600, 21600 }, { STEP_CLOCK, 43200, 43200 },
	{ STEP_DAYS, 1, DAY }, { STEP_DAYS, 2, 2 * DAY }, { STEP_WEEKS, 1, 7 * DAY },
	{ STEP_WEEKS, 2, 14 * DAY }, { STEP_MONTHS, 1, 30 * DAY }, { STEP_MONTHS, 2, 61 * DAY },
	{ STEP_MONTHS, 3, 91 * DAY }, { STEP_MONTHS, 6, 182 * DAY }, { STEP_MONTHS, 12, 365 * DAY },
	{ STEP_MONTHS, 24, 730 * DAY }, { STEP_MONTHS, 60, 1826 * DAY },
	{ STEP_MONTHS, 120, 3652 * DAY }, { STEP_MONTHS, 300, 9131 * DAY },
	{ STEP_MONTHS, 600, 18262 * DAY },
};

const char *
eg_month_name(int month)
{
	static const char *const name[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };

	return name[month - 1];
}

const char *
eg_weekday_name(int weekday)
{
	static const char *const name[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };

	return name[weekday];
}

/* The last mark at or before `local`, plus `n` steps; in seconds since 1970 as if local time
 * were UTC. */
static int64_t
mark(const struct step *s, int64_t local, int n)
{
	int64_t day = eg_floor_div(local, DAY);
	struct eg_date date = eg_day_date(day);
	int64_t months = (int64_t)date.year * 12 + date.month - 1;

	switch (s->of) {
	case STEP_CLOCK:
		return (eg_floor_div(local, s->n) + n) * s->n;
	case STEP_DAYS:
		return (eg_floor_div(day, s->n) + n) * s->n * DAY;
	case STEP_WEEKS: /* 1970-01-05 was a Monday */
		return ((eg_floor_div(day - 4, INT64_C(7) * s->n) + n) * 7 * s->n + 4) * DAY;
	case STEP_MONTHS:
		months = (eg_floor_div(months, s->n) + n) * s->n;
		return eg_day_number((int)eg_floor_div(months, 12),
		    (int)(months - eg_floor_div(months, 12) * 12) + 1, 1) * DAY;
	}
	return local;
}

static const struct step *
choose_step(const struct eg_time_axis *t)
{
	const size_t n = sizeof(steps) / sizeof(steps[0]);
	double span = ((double)t->to - (double)t->from) / EG_NS_PER_S;
	size_t i = 0;

	while (i + 1 < n && (steps[i].seconds < t->least_s ||
	    span / (double)steps[i].seconds > (double)t->most - 1))
		i++;
	return &steps[i];
}

static void
label(struct eg_tick *t, const struct step *s, int64_t local, char group[24])
{
	int64_t day = eg_floor_div(local, DAY);
	struct eg_date d = eg_day_date(day);
	int second = (int)(local - day * DAY);

	if (s->of == STEP_CLOCK && s->n % 60 == 0)
		(void)snprintf(t->label, sizeof(t->label), "%02d:%02d", second / 3600, second / 60 % 60);
	else if (s->of == STEP_CLOCK)
		(void)snprintf(t->label, sizeof(t->label), "%02d:%02d:%02d", second / 3600,
		    second / 60 % 60, second % 60);
	else if (s->of != STEP_MONTHS)
		(void)snprintf(t->label, sizeof(t->label), "%d %s", d.day, eg_month_name(d.month));
	else if (s->n < 12)
		(void)snprintf(t->label, sizeof(t->label), "%s", eg_month_name(d.month));
	else
		(void)snprintf(t->label, sizeof(t->label), "%d", d.year);
	if (s->of == STEP_CLOCK)
		(void)snprintf(group, 24, "%d %s %d", d.day, eg_month_name(d.month), d.year);
	else if (s->of != STEP_MONTHS || s->n < 12)
		(void)snprintf(group, 24, "%d", d.year);
	else
		*group = '\0';
}

void
eg_ticks_time(struct eg_axis *a, const struct eg_time_axis *t)
{
	const struct step *s = choose_step(t);
	/* Use whole seconds, since marks just outside the span may be outside the range of
	 * 64-bit nanoseconds. */
	int64_t from = eg_floor_div(t->from, EG_NS_PER_S), to = eg_floor_div(t->to, EG_NS_PER_S);
	int64_t nanos = t->from % EG_NS_PER_S + (t->from % EG_NS_PER_S < 0 ? EG_NS_PER_S : 0);
	double fraction = (double)nanos / EG_NS_PER_S;
	char group[24], before[24] = "";

	a->ticks = 0;
	for (int64_t local = mark(s, from + eg_zone_offset(t->zone, from), 0), next;
	     a->ticks < EG_TICKS_MAX; local = next) {
		int64_t at = eg_zone_begin(t->zone, local);
		struct eg_tick *tick = &a->tick[a->ticks];

		next = mark(s, local, 1);
		if (at > to)
			break;
		if ((double)(at - from) < fraction || eg_zone_begin(t->zone, next) == at)
			continue;
		*tick = (struct eg_tick){ .at = (double)(at - from) - fraction };
		label(tick, s, local, group);
		if (strcmp(group, before) != 0)
			memcpy(tick->second, group, sizeof(group));
		memcpy(before, group, sizeof(group));
		a->ticks++;
	}
	/* Two dates side by side would overlap, so only the complete one stays. */
	if (a->ticks > 1 && strlen(a->tick[1].second) > 4)
		a->tick[0].second[0] = '\0';
}

static double
round_step(double rough)
{
	double power = pow(10, floor(log10(rough)));

	if (rough <= power * 1.0000001)
		return power;
	if (rough <= 2 * power)
		return 2 * power;
	return rough <= 5 * power ? 5 * power : 10 * power;
}

void
eg_ticks_number(struct eg_axis *a, double low, double high, size_t most, int zero)
{
	double step, first, last;

	if (zero) {
		low = low < 0 ? low : 0;
		high = high > 0 ? high : 0;
	}
	if (high - low <= fabs(high) * 1e-9) { /* all values are equal: add room around them */
		double room = high != 0 ? fabs(high) / 2 : 1;

		low -= zero && low >= 0 ? 0 : room;
		high += zero && high < 0 ? 0 : room;
	}
	step = round_step((high - low) / (double)most);
	first = floor(low / step + 1e-9);
	last = ceil(high / step - 1e-9);
	if (last - first > (double)most) { /* rounding the ends added a step */
		step = round_step(step * 1.01);
		first = floor(low / step + 1e-9);
		last = ceil(high / step - 1e-9);
	}
	a->from = first * step;
	a->to = last * step;
	a->ticks = 0;
	for (double k = first; k <= last && a->ticks < EG_TICKS_MAX; k++) {
		struct eg_tick *t = &a->tick[a->ticks++];
		char number[EG_NUMBER_SIZE];

		*t = (struct eg_tick){ .at = k * step };
		(void)snprintf(t->label, sizeof(t->label), "%.23s", eg_unit_number(k * step, number));
	}
}
