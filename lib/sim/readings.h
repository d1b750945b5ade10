/* SPDX-License-Identifier: MIT */
/* A source of simulated records, made by a schedule. */
#ifndef EG_READINGS_H
#define EG_READINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"


enum eg_profile { EG_PROFILE_UNIFORM, EG_PROFILE_HOUSEHOLD, EG_PROFILE_SOLAR };

enum { EG_READINGS_FILL = 64 * 1024 };

/* The caller sets the first part, times in nanoseconds, and leaves the rest zero.
 * Readings go round by round, in each from sensor 1 to the last. */
struct eg_readings {
	int64_t sensors;
	int64_t rounds;          /* 0: for ever */
	int64_t delay;           /* between rounds; 0: none */
	int64_t rate;            /* readings per second, instead of rounds and delay; 0: not used */
	bool history;            /* round k at start + k * step, without pauses */
	int64_t start, step;
	int64_t unit;            /* timestamps are cut to whole units */
	const char *prefix;      /* before the sensor's number; both fit EG_SENSOR_MAX */
	enum eg_profile profile;
	uint64_t seed;
	double latitude;
	int decimals;            /* 0..9 */
	int64_t low, high;       /* of uniform values, times 10^decimals */

	char buf[EG_READINGS_FILL + 512];
	size_t len;              /* bytes of whole lines in buf */
	int64_t wake;            /* when there is more, on the monotonic clock, if len is 0 */
	bool over;               /* there is no more behind buf */

	uint64_t scale, random;
	int64_t round, sensor;   /* the next reading's */
	int64_t quota;           /* readings that may be made at once */
	int64_t due, made;       /* the next round; with rate: the origin, readings since */
	int64_t stamp;
	char time[EG_TIME_SIZE + 2];
	size_t time_len, prefix_len;
};

/* CLOCK_MONOTONIC. */

/* Replaces buf by what is due at now (of eg_mono_ns), as far as it holds it;
 * returns the number of readings. Never blocks. No two readings of a sensor get the
 * same timestamp, as long as the wall clock is not set back. */
uint64_t eg_readings_fill(struct eg_readings *r, int64_t now);

#endif
