/* SPDX-License-Identifier: MIT */
/* Slots of time: quarter-hours, hours, days, weeks, months or years in a time zone. */
#include "base/slots.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"

enum { DAY = 86400, DAY_MS = DAY * 1000 };

enum unit { PART, DAYS, WEEKS, MONTHS, YEARS };

struct eg_slots {
	struct eg_zone *zone;
	enum unit unit;
	int64_t part;        /* length in nanoseconds of a slot that is part of a day */
	int day_start;       /* seconds after midnight */
	int month_start;     /* days after the first day of the month */
	struct eg_span last; /* the day, week, month or year of the last call */
};

static int
parse_every(struct eg_slots *s, const char *text, struct eg_error *e)
{
	static const char *const unit[] = { [DAYS] = "1d", [WEEKS] = "1w", [MONTHS] = "1mo",
	    [YEARS] = "1y" };
	char q[EG_QUOTE_MAX];
	int64_t ms;

	for (s->unit = DAYS; s->unit <= YEARS; s->unit++)
		if (strcmp(text, unit[s->unit]) == 0)
			return 0;
	if (eg_duration_parse(text, 1000, DAY_MS, &ms) != EG_NUMBER_OK || DAY_MS % ms != 0)
		return eg_fail(e, EG_USAGE,
		    "slots of %s: want 1s to 12h that divides 24 hours, or 1d, 1w, 1mo, 1y",
		    eg_quote(text, strlen(text), q));
	s->unit = ms == DAY_MS ? DAYS : PART;
	s->part = ms * EG_NS_PER_MS;
	return 0;
}

static bool
two_digits(const char *s, int below, int *n)
{
	if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
		return false;
	*n = (s[0] - '0') * 10 + (s[1] - '0');
	return *n < below;
}

static int
parse_day_start(struct eg_slots *s, const char *text, struct eg_error *e)
{
	char q[EG_QUOTE_MAX];
	int hour, minute;

	if (strlen(text) != 5 || text[2] != ':' || !two_digits(text, 24, &hour) ||
	    !two_digits(text + 3, 60, &minute))
		return eg_fail(e, EG_USAGE, "a day that begins at %s: want HH:MM, 00:00 to 23:59",
		    eg_quote(text, strlen(text), q));
	s->day_start = hour * 3600 + minute * 60;
	return 0;
}

static int
parse_month_start(struct eg_slots *s, int day, struct eg_error *e)
{
	if (day < 0 || day > 28)
		return eg_fail(e, EG_USAGE, "a month that begins on day %d: want 1 to 28", day);
	s->month_start = day > 0 ? day - 1 : 0;
	return 0;
}

struct eg_slots *
eg_slots_open(const struct eg_slots_options *o, struct eg_error *e)
{
	struct eg_slots *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	if (parse_every(s, o->every != NULL ? o->every : "1d", e) != 0 ||
	    parse_day_start(s, o->day_start != NULL ? o->day_start : "00:00", e) != 0 ||
	    parse_month_start(s, o->month_start, e) != 0 ||
	    (s->zone = eg_zone_open(o->zone != NULL ? o->zone : "UTC", e)) == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
eg_slots_free(struct eg_slots *s)
{
	if (s != NULL)
		eg_zone_free(s->zone);
	free(s);
}

const struct eg_zone *
eg_slots_zone(const struct eg_slots *s)
{
	return s->zone;
}

/* The instant at which the local day begins, in seconds since 1970. */
static int64_t
day_begin(const struct eg_slots *s, int64_t day)
{
	return eg_zone_begin(s->zone, day * DAY + s->day_start);
}

/* The number of the local day at an instant (in seconds): the last day that has begun. If the
 * clocks go back across midnight, they show the old date again, but the new day goes on. */
static int64_t
day_at(const struct eg_slots *s, int64_t seconds)
{
	int64_t day = eg_zone_local(s->zone, seconds - s->day_start).day;

	while (day_begin(s, day) > seconds)
		day--;
	while (day_begin(s, day + 1) <= seconds)
		day++;
	return day;
}

/* The first day of the period that holds day, and of the period after it. */
static int64_t
first_day(const struct eg_slots *s, int64_t day, int64_t *next)
{
	struct eg_date d = eg_day_date(day - s->month_start);
	int month = s->unit == YEARS ? 1 : d.month, months = s->unit == YEARS ? 12 : 1;

	switch (s->unit) {
	case WEEKS:
		day -= eg_day_weekday(day);
		*next = day + 7;
		return day;
	case MONTHS:
	case YEARS:
		*next = eg_day_number(d.year, month + months, 1) + s->month_start;
		return eg_day_number(d.year, month, 1) + s->month_start;
	default:
		*next = day + 1;
		return day;
	}
}

static int64_t
to_ns(int64_t seconds)
{
	int64_t ns;

	if (__builtin_mul_overflow(seconds, EG_NS_PER_S, &ns))
		return seconds < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

struct eg_span
eg_slots_at(struct eg_slots *s, int64_t ns)
{
	struct eg_span span;

	if (ns < s->last.from || ns >= s->last.to) {
		int64_t next, day = first_day(s, day_at(s, eg_floor_div(ns, EG_NS_PER_S)), &next);

		s->last = (struct eg_span){ to_ns(day_begin(s, day)), to_ns(day_begin(s, next)) };
	}
	span = s->last;
	if (s->unit == PART) {
		span.from += (ns - span.from) / s->part * s->part;
		if (span.to - span.from > s->part)
			span.to = span.from + s->part;
	}
	return span;
}
