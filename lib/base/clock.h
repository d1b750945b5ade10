/* SPDX-License-Identifier: MIT */
/* The two clocks: monotonic for durations and deadlines, wall clock for timestamps. */
#ifndef EG_CLOCK_H
#define EG_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define EG_NS_PER_S INT64_C(1000000000)
#define EG_NS_PER_MS INT64_C(1000000)

/* Time since an arbitrary start, in milliseconds or nanoseconds. It never goes back
 * (CLOCK_MONOTONIC). Does not block. */
int64_t eg_mono_ms(void);
int64_t eg_mono_ns(void);

/* Nanoseconds since 1970-01-01T00:00:00Z. Jumps when the clock is set (CLOCK_REALTIME). */
int64_t eg_wall_ns(void);

/* Whether ns is a plausible time of a device. It must not be before 2001, and must be less than
 * two years (of 366 days) after now, this machine's time. If now itself is before 2001, there is
 * no upper limit. A device starts at 1970 or 2000 until it has asked a time server. 2070 comes
 * from a year of two digits, 70, that meant 1970. */
bool eg_clock_is_set(int64_t ns, int64_t now);

#endif
