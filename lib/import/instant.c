/* SPDX-License-Identifier: MIT */
/* The instant of a time that was read from a file. */
#include "base/clock.h"
#include "import/local.h"
#include "import/parts.h"

#define RANGE_FIRST INT64_C(-9214560000) /* 1678-01-01 */
#define RANGE_END INT64_C(9214646400)    /* 2262-01-01 */

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
	else if ((why = eg_local_instant(&sensor->order, m->o->zone, s,
	    r->date_only || r->day_end, &s)) != NULL)
		return why;
	s += m->o->shift_s;
	if (s < RANGE_FIRST || s >= RANGE_END)
		return "the time is out of the range 1678..2261";
	*ns = s * EG_NS_PER_S + r->nanos;
	return NULL;
}
