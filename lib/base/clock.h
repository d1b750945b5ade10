/* SPDX-License-Identifier: MIT */
/* The two clocks: monotonic for durations and deadlines, wall clock for timestamps. */
#ifndef EG_CLOCK_H
#define EG_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define EG_NS_PER_S INT64_C(1000000000)
#define EG_NS_PER_MS INT64_C(1000000)

/* Time since an arbitrary start, in milliseconds or nanoseconds. It never steps back
 * (CLOCK_MONOTONIC). Does not block. */
int64_t eg_mono_ms(void);
int64_t eg_mono_ns(void);

/* Nanoseconds since 1970-01-01T00:00:00Z. Steps when the clock is set (CLOCK_REALTIME). */
int64_t eg_wall_ns(void);

/* Whether ns can be the time of a device whose clock is set: not before 2001, and not two years
 * (of 366 days) or more ahead of now, our own clock's, unless that is before 2001 itself. Devices
 * begin at 1970 or 2000 before they have asked a time server; 2070 is 70 of two digits. */
bool eg_clock_is_set(int64_t ns, int64_t now);

#endif
