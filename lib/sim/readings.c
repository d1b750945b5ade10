/* SPDX-License-Identifier: MIT */
/* A source of simulated records: sensors, times and values, by a schedule. */
#include "sim/readings.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/diag.h"
#include "sim/profile.h"

#define SLICE_NS EG_NS_PER_MS /* time slice of a high rate */

static int64_t
floor_to(int64_t ns, int64_t unit)
{
	int64_t over = ns % unit;

	return ns - (over < 0 ? over + unit : over);
}

static void
set_stamp(struct eg_readings *r, int64_t ns)
{
	char time[EG_TIME_SIZE];
	size_t n = eg_time_format(ns, time);

	/* The text between sensor and value, the same for all sensors of a round. */
	r->stamp = ns;
	r->time_len = (size_t)(eg_record_begin(r->time, (struct eg_slice){ "", 0 },
	    (struct eg_slice){ time, n }) - r->time);
}

/* The time of the next round of a history; false after the last representable time (2262). */
static bool
history_time(const struct eg_readings *r, int64_t *ns)
{
	return !__builtin_mul_overflow(r->round, r->step, ns) &&
	    !__builtin_add_overflow(r->start, *ns, ns);
}

/* Sets the timestamp of the next readings. False: too early, since a sensor would get the same
 * timestamp twice. */
static bool
restamp(struct eg_readings *r, int64_t now)
{
	int64_t ns = 0;

	if (r->history) {
		r->over = !history_time(r, &ns);
		if (!r->over)
			set_stamp(r, floor_to(ns, r->unit));
		return !r->over;
	}
	ns = eg_wall_ns();
	if (r->sensor == 0 && r->round > 0 && floor_to(ns, r->unit) == r->stamp) {
		r->wake = now + r->stamp + r->unit - ns;
		return false;
	}
	set_stamp(r, floor_to(ns, r->unit));
	return true;
}

static char *
put_uint(char *o, uint64_t n, int least)
{
	char digits[20];
	int k = 0;

	do {
		digits[k++] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0 || k < least);
	while (k > 0)
		*o++ = digits[--k];
	return o;
}

/* Writes n / scale. */
static char *
put_decimal(char *o, int64_t n, const struct eg_readings *r)
{
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	if (n < 0)
		*o++ = '-';
	o = put_uint(o, u / r->scale, 1);
	if (r->decimals > 0) {
		*o++ = '.';
		o = put_uint(o, u % r->scale, r->decimals);
	}
	return o;
}

/* A random value times scale. */
static int64_t
value(struct eg_readings *r)
{
	uint64_t sensor = (uint64_t)r->sensor + 1;

	switch (r->profile) {
	case EG_PROFILE_HOUSEHOLD:
		return llround(eg_household_watts(r->seed, sensor, r->stamp) * (double)r->scale);
	case EG_PROFILE_SOLAR:
		return llround(eg_solar_watts(r->seed, sensor, r->stamp, r->latitude) *
		    (double)r->scale);
	case EG_PROFILE_UNIFORM:
	default:
		return r->low +
		    (int64_t)eg_random_upto(&r->random, (uint64_t)r->high - (uint64_t)r->low);
	}
}

static void
put_line(struct eg_readings *r)
{
	char *o = r->buf + r->len;

	memcpy(o, r->prefix, r->prefix_len);
	o = put_uint(o + r->prefix_len, (uint64_t)r->sensor + 1, 1);
	memcpy(o, r->time, r->time_len);
	o = put_decimal(o + r->time_len, value(r), r);
	*o++ = '\n';
	r->len = (size_t)(o - r->buf);
}

/* The time at which reading number `made` is due with --rate, from the start of the schedule. At a
 * high rate several readings share a time slice, since no timer can wake for each. */
static int64_t
due_by_rate(const struct eg_readings *r)
{
	int64_t t = r->made / r->rate * EG_NS_PER_S + r->made % r->rate * EG_NS_PER_S / r->rate + 1;

	return r->rate > EG_NS_PER_S / SLICE_NS ? (t / SLICE_NS + 1) * SLICE_NS : t;
}

/* Adds the readings that are due with --rate to the quota, and sets wake to the time of the next
 * ones. */
static void
grant_by_rate(struct eg_readings *r, int64_t now)
{
	int64_t e = now - r->due, late;

	if (now < r->wake)
		return;
	late = e / EG_NS_PER_S * r->rate + e % EG_NS_PER_S * r->rate / EG_NS_PER_S + 1 - r->made;
	/* More than a second behind: the delayed readings are skipped, not made all at once. */
	if (late > r->rate + 1) {
		eg_info("standard output is too slow for the rate; the schedule starts anew");
		r->due = now;
		r->made = 0;
		late = 1;
	}
	r->quota = late;
	r->made += late;
	r->wake = r->due + due_by_rate(r);
}

/* Sets the quota of readings that may be made now, or wake to the time of the next ones. The
 * schedule is absolute, so that it does not drift. */
static void
grant(struct eg_readings *r, int64_t now)
{
	if (r->due == 0)
		r->due = now;
	if (r->rate > 0)
		grant_by_rate(r, now);
	else if (r->history || r->delay == 0)
		r->quota = INT64_MAX;
	else if (now < r->due)
		r->wake = r->due;
	else {
		r->quota = r->sensors;
		r->due += r->delay;
		/* A late round does not delay the next one; a round that was missed completely
		 * is skipped. */
		if (r->due <= now)
			r->due = now + r->delay;
	}
}

static void
start_readings(struct eg_readings *r)
{
	r->prefix_len = strlen(r->prefix);
	r->random = r->seed;
	r->scale = 1;
	for (int i = 0; i < r->decimals; i++)
		r->scale *= 10;
}

uint64_t
eg_readings_fill(struct eg_readings *r, int64_t now)
{
	bool stale = r->rate > 0 && !r->history;
	uint64_t n = 0;

	if (r->scale == 0)
		start_readings(r);
	r->len = 0;
	if (r->quota == 0)
		grant(r, now);
	while (r->quota > 0 && r->len < EG_READINGS_FILL && !r->over) {
		/* With a rate a round can take long, so its readings get the current time. */
		if ((r->sensor == 0 || stale) && !restamp(r, now))
			break;
		stale = false;
		do {
			put_line(r);
			r->quota--;
			n++;
		} while (++r->sensor < r->sensors && r->quota > 0 && r->len < EG_READINGS_FILL);
		if (r->sensor < r->sensors)
			break;
		r->sensor = 0;
		r->over = ++r->round == r->rounds;
	}
	return n;
}
