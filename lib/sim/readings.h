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
	int64_t rounds;          /* 0: no limit */
	int64_t delay;           /* pause between rounds; 0: none */
	int64_t rate;            /* readings per second, instead of rounds and delay; 0: not used */
	bool history;            /* round k at start + k * step, without pauses */
	int64_t start, step;
	int64_t unit;            /* timestamps are cut to whole units */
	const char *prefix;      /* before the sensor's number; both fit EG_SENSOR_MAX */
	enum eg_profile profile;
	uint64_t seed;
	double latitude;
	int decimals;            /* decimal places, 0..9 */
	int64_t low, high;       /* range of uniform values, times 10^decimals */

	char buf[EG_READINGS_FILL + 512];
	size_t len;              /* bytes of whole lines in buf */
	int64_t wake;            /* if len is 0: the time of the next reading (eg_mono_ns) */
	bool over;               /* no reading follows those in buf */

	uint64_t scale, random;
	int64_t round, sensor;   /* position of the next reading */
	int64_t quota;           /* readings that may be made at once */
	int64_t due, made;       /* time of the next round; with rate: the origin, and the number
				  * of readings since then */
	int64_t stamp;
	char time[EG_TIME_SIZE + 2];
	size_t time_len, prefix_len;
};

/* CLOCK_MONOTONIC. */

/* Fills buf with the readings that are due at now (eg_mono_ns), as many as fit. Returns their
 * number. Never blocks. No two readings of a sensor get the same timestamp, unless the wall clock
 * is set back. */
uint64_t eg_readings_fill(struct eg_readings *r, int64_t now);

#endif
