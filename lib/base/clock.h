/* SPDX-License-Identifier: MIT */
/* The two clocks: monotonic for durations and deadlines, wall clock for timestamps. */
#ifndef EG_CLOCK_H
#define EG_CLOCK_H

#include <stdint.h>

#define EG_NS_PER_S INT64_C(1000000000)
#define EG_NS_PER_MS INT64_C(1000000)

/* Time since an arbitrary start, in milliseconds or nanoseconds. It never steps back
 * (CLOCK_MONOTONIC). Does not block. */
int64_t eg_mono_ms(void);
int64_t eg_mono_ns(void);

/* Nanoseconds since 1970-01-01T00:00:00Z. Steps when the clock is set (CLOCK_REALTIME). */
int64_t eg_wall_ns(void);

#endif
