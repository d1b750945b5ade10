/* SPDX-License-Identifier: MIT */
/* Times in messages: epoch numbers, ISO 8601, and local times, which occur twice when summer
 * time ends. */
#include "decode/local_time.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/zone.h"
#include "decode/emit.h"


enum { DAY = 86400, NEAR = 1800, SLOTS = 4096, STAMP_MAX = 40, WHOLE_MAX = 18 };

/* State of a device during the repeated hour. A device with the same slot in the table
 * overwrites it. */
struct repeat {
	uint64_t device;
	int64_t last; /* local time of its last message, in seconds */
	int pass;     /* pass of its last message, 1 or 2; 0: none yet */
};

struct eg_repeats {
	struct repeat slot[SLOTS];
};

struct eg_repeats *
eg_repeats_new(void)
{
	return calloc(1, sizeof(struct eg_repeats));
}

void
eg_repeats_free(struct eg_repeats *r)
{
	free(r);
}

/* The pass of the repeated hour, 1 or 2. Within a pass, a device's times increase, so a time
 * below the last one starts pass 2. */
static int
pass_of(struct eg_emit *s, int64_t local)
{
	uint64_t device = XXH3_64bits(s->device, s->device_len);
	struct repeat *r = &s->repeats->slot[device % SLOTS];

	if (r->device != device || r->pass == 0 || local - r->last > DAY || r->last - local > DAY)
		*r = (struct repeat){ device, local, 1 };
	else if (local < r->last)
		r->pass = 2;
	r->last = local;
	return r->pass;
}

static int64_t
distance(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

int
eg_emit_local(struct eg_emit *s, int64_t local, int64_t *seconds)
{
	int64_t utc[2] = { local, local }, now = s->m->arrived / EG_NS_PER_S;
	int64_t to_first, to_second;
	int n = s->zone != NULL ? eg_zone_instants(s->zone, local, utc) : 1;

	if (n == 0)
		return eg_emit_refuse(s, "no such local time: the clocks were put forward");
	*seconds = utc[0];
	if (n == 1)
		return 0;
	to_first = distance(now, utc[0]);
	to_second = distance(now, utc[1]);
	if (to_first <= NEAR || to_second <= NEAR)
		*seconds = utc[to_second < to_first];
	else
		*seconds = utc[pass_of(s, local) - 1];
	return 0;
}

/* Appends a decimal digit; false when the value exceeds 64 bits. */
static bool
push_digit(int64_t *value, int digit)
{
	return !__builtin_mul_overflow(*value, 10, value) &&
	    !__builtin_add_overflow(*value, digit, value);
}

/* The exponent after the 'e' at e, limited to -1000..1000; 0 when e is the end. */
static long
exponent_of(const char *e, const char *end)
{
	char text[EG_VALUE_MAX + 1] = "";
	long n;

	if (e == end)
		return 0;
	memcpy(text, e + 1, (size_t)(end - e - 1));
	n = strtol(text, NULL, 10);
	return n < -1000 ? -1000 : n > 1000 ? 1000 : n;
}

/* Reads a whole number of units, the usual form. False: it has another form, or is too large. */
static bool
whole_epoch(const char *text, size_t len, int digits, int64_t *ns)
{
	int64_t value = 0, unit = EG_NS_PER_S;

	if (len == 0 || len > WHOLE_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!eg_is_digit(text[i]))
			return false;
		value = value * 10 + (text[i] - '0');
	}
	for (; digits > 0; digits--)
		unit /= 10;
	return !__builtin_mul_overflow(value, unit, ns);
}

/* Sums the digits from the first one down to nanoseconds; power is the value of the current
 * digit, in nanoseconds. */
int
eg_emit_epoch(struct eg_emit *s, const char *text, size_t len, int digits, int64_t *ns)
{
	const char *p = text, *end = text + len, *e;
	bool minus = len > 0 && *text == '-';
	int64_t value = 0;
	long power;

	if (whole_epoch(text, len, digits, ns))
		return 0;
	if (eg_decimal_check(text, len) != EG_NUMBER_OK)
		return eg_emit_refuse(s, "the time is not a number");
	p += *p == '-' || *p == '+';
	for (e = p; e < end && (*e | 0x20) != 'e'; e++)
		;
	for (power = -1; p + power + 1 < e && p[power + 1] != '.'; power++)
		;
	power += 9 - digits;
	power += exponent_of(e, end);
	for (; p < e && power >= 0; p++)
		if (*p != '.' && power-- >= 0 && !push_digit(&value, *p - '0'))
			return eg_emit_refuse(s, "the time is out of range");
	for (; power >= 0 && value != 0; power--)
		if (!push_digit(&value, 0))
			return eg_emit_refuse(s, "the time is out of range");
	*ns = minus ? -value : value;
	return 0;
}

/* Rewrites the offset +0100 or +01 to RFC 3339's +01:00. Returns the new length. */
static size_t
with_colon(char *text, size_t len, size_t sign)
{
	size_t digits = len - sign - 1;

	if (text[sign] == 'Z' || text[sign] == 'z' || (digits != 2 && digits != 4))
		return len;
	if (digits == 4)
		memmove(text + sign + 4, text + sign + 3, 2);
	else
		memcpy(text + sign + 4, "00", 2);
	text[sign + 3] = ':';
	return sign + 6;
}

int
eg_emit_stamp(struct eg_emit *s, const char *text, size_t len, int64_t *ns)
{
	char copy[STAMP_MAX + 4];
	enum eg_fault fault = EG_FAULT_TIME_FORM;
	int64_t seconds = 0, fraction;
	size_t at = 19;

	if (len >= at && len <= STAMP_MAX) {
		memcpy(copy, text, len);
		if (copy[10] == ' ')
			copy[10] = 'T';
		while (at < len && (copy[at] == '.' || (copy[at] >= '0' && copy[at] <= '9')))
			at++;
		fault = eg_time_parse(copy, at < len ? with_colon(copy, len, at) : len, ns);
	}
	if (fault == EG_FAULT_TIME_FORM)
		return eg_emit_refuse(s, "the time is not an ISO 8601 date and time");
	if (fault != EG_FAULT_NONE)
		return eg_emit_refuse(s, "%s", eg_fault_text(fault));
	if (at < len)
		return 0;
	fraction = *ns % EG_NS_PER_S + (*ns % EG_NS_PER_S < 0 ? EG_NS_PER_S : 0);
	if (eg_emit_local(s, (*ns - fraction) / EG_NS_PER_S, &seconds) != 0)
		return -1;
	if (__builtin_mul_overflow(seconds, EG_NS_PER_S, ns) ||
	    __builtin_add_overflow(*ns, fraction, ns))
		return eg_emit_refuse(s, "the time is out of range");
	return 0;
}
