/* SPDX-License-Identifier: MIT */
/* Simulated values: random numbers, the consumption of a house, the yield of a solar plant. */
#ifndef EG_PROFILE_H
#define EG_PROFILE_H

#include <stdint.h>

/* Bounds of the profiles in watts. */
#define EG_HOUSEHOLD_MIN 20.0
#define EG_HOUSEHOLD_MAX 10000.0
#define EG_SOLAR_MAX 8000.0

/* The next number of a stream, uniform over all 64 bits. Each value of *state begins another
 * stream. */
uint64_t eg_random_next(uint64_t *state);

/* The next number of a stream, uniform in 0..last (both included). */
uint64_t eg_random_upto(uint64_t *state, uint64_t last);

/* Power drawn by the house of a sensor at a time (nanoseconds since the epoch), in
 * EG_HOUSEHOLD_MIN..EG_HOUSEHOLD_MAX. A pure function: the same arguments always give the same
 * watts. The house's days are those of UTC. */
double eg_household_watts(uint64_t seed, uint64_t sensor, int64_t ns);

/* Power produced by the solar plant of a sensor, in 0..EG_SOLAR_MAX; 0 while the sun is down. A
 * pure function, as above. latitude in degrees, north positive; noon is at 12:00 UTC. */
double eg_solar_watts(uint64_t seed, uint64_t sensor, int64_t ns, double latitude);

#endif
