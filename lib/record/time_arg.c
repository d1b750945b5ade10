/* SPDX-License-Identifier: MIT */
/* Times in arguments of commands: an instant, a date, or a duration before or after now. */
#include "record/time_arg.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/number.h"
#include "record/record.h"

enum { DATE_LEN = 10 }; /* length of 2026-11-23 */

static bool
parse_relative(const char *s, int64_t now_ns, int64_t *ns)
{
	int64_t ms;

	/* A digit must follow the sign, since eg_duration_parse would accept a second sign. */
	if (s[1] < '0' || s[1] > '9' ||
	    eg_duration_parse(s + 1, 0, INT64_MAX / EG_NS_PER_MS, &ms) != EG_NUMBER_OK)
		return false;
	ms *= *s == '-' ? -EG_NS_PER_MS : EG_NS_PER_MS;
	return !__builtin_add_overflow(now_ns, ms, ns);
}

bool
eg_time_arg_parse(const char *s, int64_t now_ns, int64_t *ns)
{
	char midnight[DATE_LEN + sizeof("T00:00:00")];
	size_t len = strlen(s);

	if (strcmp(s, "now") == 0) {
		*ns = now_ns;
		return true;
	}
	if (*s == '-' || *s == '+')
		return parse_relative(s, now_ns, ns);
	if (len != DATE_LEN)
		return eg_time_parse(s, len, ns) == EG_FAULT_NONE;
	memcpy(midnight, s, DATE_LEN);
	memcpy(midnight + DATE_LEN, "T00:00:00", sizeof("T00:00:00"));
	return eg_time_parse(midnight, strlen(midnight), ns) == EG_FAULT_NONE;
}

struct eg_time_span
eg_time_span(int64_t from, int64_t to, bool inclusive)
{
	if (inclusive)
		return (struct eg_time_span){ from, to };
	/* There is no instant before the first one. */
	if (to == INT64_MIN)
		return (struct eg_time_span){ INT64_MAX, INT64_MIN };
	return (struct eg_time_span){ from, to - 1 };
}
