/* SPDX-License-Identifier: MIT */
/* The date and time of a record without fraction and zone, 2026-11-23T14:18:36. For record.c and
 * scan.h alone, which need it inlined. */
#ifndef EG_CIVIL_H
#define EG_CIVIL_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/swar.h"
#include "record/record.h"

/* For the fast path, where a call, or a local variable in memory, costs more than the work itself.
 * `make bench` holds its speed against a loop written by hand (bench_line): with the conversion to
 * line protocol, 0.92 of it (AMD EPYC, gcc 12, -O2). */
#define HOT static inline __attribute__((always_inline))

/* A jump, which the processor foresees: the next step need not wait for the byte. */
#define SELDOM(x) __builtin_expect((x), 0)

#define DAY 86400
#define CIVIL_LEN 19 /* length of 2026-11-23T14:18:36 */

/* Checks and reads the 8 bytes at p. shape has '0' where a digit is expected, and other bytes
 * for themselves. After the xor, a correct byte is at most 9 (a digit) or 0. Adding limit sets
 * the high bit of each larger byte; carries come only from bytes that are wrong anyway. Returns
 * these high bits, so 0 if all is correct. *pairs holds, at the place of each digit, the number
 * that it forms with the next one. */
HOT uint64_t
read_pairs(const char *p, const char shape[9], const char limit[9], uint64_t *pairs)
{
	uint64_t x, s, l;

	memcpy(&x, p, 8);
	memcpy(&s, shape, 8);
	memcpy(&l, limit, 8);
	x = le64toh(x ^ s);
	*pairs = x * 10 + (x >> 8);
	return ((x + le64toh(l)) | x) & EG_SWAR_HIGH;
}

HOT unsigned
pair(uint64_t pairs, int at)
{
	return (unsigned)(pairs >> 8 * at) & 0xff;
}

HOT unsigned
month_len(unsigned y, unsigned m)
{
	static const unsigned char days[13] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0) ? 29 : days[m];
}

/* Days from 1970-01-01, for years from 1 on: Howard Hinnant's days_from_civil
 * ("chrono-Compatible Low-Level Date Algorithms"). Years begin in March, so that the leap day is
 * the last day of a year. */
HOT int64_t
days_from_civil(unsigned y, unsigned m, unsigned d)
{
	static const uint16_t before[13] = {
		0, 306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275,
	};
	unsigned century;

	y -= m <= 2;
	century = y / 100;
	return (int64_t)(365 * y + y / 4 - century + century / 4 + before[m] + d) - 719469;
}

/* Converts the 19 bytes at p to seconds since 1970. */
HOT enum eg_fault
read_civil(const char *p, int64_t *seconds)
{
	uint64_t month, day, clock, wrong;
	unsigned y, m, d;

	wrong = read_pairs(p, "0000-00-", "\x76\x76\x76\x76\x7f\x76\x76\x7f", &month) |
	    read_pairs(p + 3, "0-00-00T", "\x76\x7f\x76\x76\x7f\x76\x76\x5f", &day) |
	    read_pairs(p + 11, "00:00:00", "\x76\x76\x7f\x76\x76\x7f\x76\x76", &clock);
	if (wrong != 0 || (p[10] | 0x20) != 't')
		return EG_FAULT_TIME_FORM;
	y = pair(month, 0) * 100 + pair(month, 2);
	m = pair(month, 5);
	d = pair(day, 5);
	if (y == 0 || m - 1 > 11 || d == 0 || (d > 28 && d > month_len(y, m)))
		return EG_FAULT_TIME_DATE;
	if (pair(clock, 0) > 23 || pair(clock, 3) > 59 || pair(clock, 6) > 59)
		return EG_FAULT_TIME_CLOCK;
	*seconds = days_from_civil(y, m, d) * DAY + pair(clock, 0) * 3600 + pair(clock, 3) * 60 +
	    pair(clock, 6);
	return EG_FAULT_NONE;
}

/* The same where a call costs little beside the rest: it is there once. */
static __attribute__((noinline)) enum eg_fault
call_read_civil(const char *p, int64_t *seconds)
{
	return read_civil(p, seconds);
}

/* Whether 64-bit nanoseconds hold all times of the same day as this second. */
HOT bool
has_ns(int64_t seconds)
{
	return seconds > INT64_MIN / EG_NS_PER_S + DAY && seconds < INT64_MAX / EG_NS_PER_S - DAY;
}

/* Reads the date of the 19 bytes at p into *day. */
static __attribute__((noinline)) bool
keep_day(const char *p, struct eg_record_day *day)
{
	int64_t seconds;

	if (call_read_civil(p, &seconds) != EG_FAULT_NONE || !has_ns(seconds))
		return false;
	memcpy(day->text, p, sizeof(day->text));
	day->ns = (seconds - (seconds % DAY + DAY) % DAY) * EG_NS_PER_S;
	return true;
}

/* Reads the 19 bytes at p as nanoseconds since 1970, unless they are of the first or last day of
 * their range. Many records in a row are of one day, and a comparison takes less time than checking
 * the date again. */
HOT bool
read_civil_of_day(const char *p, struct eg_record_day *day, int64_t *ns)
{
	uint64_t clock;

	/* The tens of minutes and seconds are 5 at most. */
	if (SELDOM(read_pairs(p + 11, "00:00:00", "\x76\x76\x7f\x7a\x76\x7f\x7a\x76", &clock) != 0) ||
	    SELDOM(pair(clock, 0) > 23))
		return false;
	if (SELDOM(memcmp(p, day->text, 8) != 0) || SELDOM(memcmp(p + 7, day->text + 7, 4) != 0))
		if (!keep_day(p, day))
			return false;
	*ns = day->ns +
	    (int64_t)(pair(clock, 0) * 3600 + pair(clock, 3) * 60 + pair(clock, 6)) * EG_NS_PER_S;
	return true;
}

#endif
