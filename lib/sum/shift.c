/* SPDX-License-Identifier: MIT */
/* Moves instants by days, weeks, months or years of the calendar. */
#include "sum/shift.h"

#include <string.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/number.h"

enum { DAY = 86400, YEARS_MAX = 100 };

bool
eg_shift_parse(const char *text, struct eg_shift *s)
{
	static const struct {
		const char *name;
		int days, months, most;
	} units[] = { { "d", 1, 0, YEARS_MAX * 366 }, { "w", 7, 0, YEARS_MAX * 52 },
	    { "mo", 0, 1, YEARS_MAX * 12 },
		{ "y", 0, 12, YEARS_MAX } };
	size_t len = strspn(text, "0123456789");
	int64_t n = 0, ms;

	for (size_t i = 0; i < len && n <= DAY; i++)
		n = n * 10 + (text[i] - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (len == 0 || strcmp(text + len, units[i].name) != 0)
			continue;
		*s = (struct eg_shift){ .days = (int)n * units[i].days,
		    .months = (int)n * units[i].months };
		return n > 0 && n <= units[i].most;
	}
	if (eg_duration_parse(text, 1000, INT64_C(1000) * DAY * 366, &ms) != EG_NUMBER_OK)
		return false;
	*s = (struct eg_shift){ .ns = ms * EG_NS_PER_MS };
	return true;
}

/* The day at the given distance from day; false: the other month is too short. */
static bool
move_day(const struct eg_shift *s, int64_t *day)
{
	struct eg_date d = eg_day_date(*day), to;

	*day = eg_day_number(d.year, d.month + s->months, d.day) + s->days;
	to = eg_day_date(*day - s->days);
	return to.day == d.day;
}

/* Moves an instant to the same clock time on another day. */
static bool
move_clock(const struct eg_shift *s, const struct eg_zone *z, int64_t *seconds)
{
	struct eg_local l = eg_zone_local(z, *seconds);
	int64_t was[2], utc[2];
	int pass = eg_zone_instants(z, l.day * DAY + l.second, was) > 1 && *seconds == was[1], n;

	if (!move_day(s, &l.day))
		return false;
	n = eg_zone_instants(z, l.day * DAY + l.second, utc);
	if (pass >= n)
		return false;
	*seconds = utc[pass];
	return true;
}

bool
eg_shift_apply(const struct eg_shift *s, struct eg_slots *days, int64_t *ns)
{
	const struct eg_zone *z = eg_slots_zone(days);
	int64_t seconds = eg_floor_div(*ns, EG_NS_PER_S), rest = *ns - seconds * EG_NS_PER_S;
	bool begins = eg_slots_at(days, *ns).from == *ns;

	if (s->ns != 0)
		return !__builtin_add_overflow(*ns, s->ns, ns);
	if (begins) {
		struct eg_local l = eg_zone_local(z, seconds);
		struct eg_span day;

		/* Noon, or twelve hours after the beginning, is within the day, even if the clocks
		 * change. */
		if (!move_day(s, &l.day))
			return false;
		day = eg_slots_at(days, (eg_zone_begin(z, l.day * DAY + l.second) + DAY / 2) * EG_NS_PER_S);
		*ns = day.from;
		return eg_zone_local(z, day.from / EG_NS_PER_S).day == l.day;
	}
	if (!move_clock(s, z, &seconds) || __builtin_mul_overflow(seconds, EG_NS_PER_S, ns))
		return false;
	return !__builtin_add_overflow(*ns, rest, ns);
}
