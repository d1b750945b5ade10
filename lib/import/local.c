/* SPDX-License-Identifier: MIT */
/* Local times as instants. */
#include "import/local.h"

#include <stddef.h>

#include "base/zone.h"

enum { DAY = 86400 };

/* The pass of the row, 1 or 2; 0: the time occurs a third time. */
static int
pass_of(struct eg_local_order *o, int64_t local)
{
	bool onward;

	if (o->pass == 0 || o->last - local > DAY || local - o->last > DAY) {
		o->backwards = o->any && o->last > local && o->last - local < DAY;
		o->pairs = false;
		return 1;
	}
	onward = o->backwards ? local < o->last : local > o->last;
	if (local == o->last) {
		o->pairs |= o->pass == 1;
		return o->pass == 1 ? 2 : 0;
	}
	if (o->pairs)
		return onward ? 1 : 0;
	return onward ? o->pass : o->pass == 1 ? 2 : 0;
}

/* The first instant of a day whose midnight was skipped by a clock change; false: the whole day was
 * skipped. */
static bool
first_of_day(const struct eg_zone *z, int64_t midnight, int64_t *utc)
{
	*utc = eg_zone_begin(z, midnight);
	return *utc < eg_zone_begin(z, midnight + DAY);
}

const char *
eg_local_instant(struct eg_local_order *o, const struct eg_zone *z, int64_t local, bool day_start,
    int64_t *utc)
{
	int64_t at[2];
	int n = eg_zone_instants(z, local, at), pass = 0;

	if (n == 0 && (!day_start || !first_of_day(z, local, &at[0])))
		return "no such local time: the clocks were put forward";
	if (n == 2) {
		pass = pass_of(o, local);
		if (pass == 0)
			return "a local time that the clocks show twice comes a third time";
	}
	o->any = true;
	o->last = local;
	o->pass = pass;
	*utc = pass == 0 ? at[0] : at[(pass == 2) != o->backwards];
	return NULL;
}
