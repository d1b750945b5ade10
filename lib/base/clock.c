/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <time.h>

static int64_t
read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * EG_NS_PER_S + ts.tv_nsec;
}

int64_t
eg_mono_ms(void)
{
	return read_ns(CLOCK_MONOTONIC) / EG_NS_PER_MS;
}

int64_t
eg_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

int64_t
eg_wall_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

bool
eg_clock_is_set(int64_t ns, int64_t now)
{
	const int64_t since = 978307200 * EG_NS_PER_S; /* 2001-01-01 */
	const int64_t ahead = INT64_C(2 * 366 * 86400) * EG_NS_PER_S;

	return ns >= since && (now < since || ns - now <= ahead);
}
