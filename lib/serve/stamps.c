/* SPDX-License-Identifier: MIT */
/* Timestamps for readings without one: no two readings of a sensor get the same. */
#include "serve/stamps.h"

#include <stdlib.h>

#include <xxhash.h>

#include "base/clock.h"
#include "base/diag.h"

enum { SLOTS = 1 << 16 };

#define STEP_NS INT64_C(1000)
#define AHEAD_NS (60 * EG_NS_PER_S)

/* The latest time by a hash of the name. Sensors that share a slot have times that differ
 * from each other's, too, which does no harm. */
struct eg_stamps {
	int64_t latest[SLOTS];
};

struct eg_stamps *
eg_stamps_new(struct eg_error *e)
{
	struct eg_stamps *t = calloc(1, sizeof(*t));

	if (t == NULL)
		eg_fail(e, EG_BUG, "out of memory");
	return t;
}

void
eg_stamps_free(struct eg_stamps *t)
{
	free(t);
}

int64_t
eg_stamps_next(struct eg_stamps *t, const char *sensor, size_t len, int64_t now)
{
	int64_t *latest = &t->latest[XXH3_64bits(sensor, len) % SLOTS];

	*latest = *latest < now || *latest - now > AHEAD_NS ? now : *latest + STEP_NS;
	return *latest;
}
