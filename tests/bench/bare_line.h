/* SPDX-License-Identifier: MIT */
/*
 * The bare loop that bench_line compares with: one pass that finds the newline
 * by the way, copies while it checks, and remembers the last day that it saw. The newline
 * at the end stops every scan; PAD bytes behind it may be looked at.
 */
#ifndef BARE_LINE_H
#define BARE_LINE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"

#define PAD 64

enum { BARE_BODY_MAX = 512 * 1024 };

struct tally {
	uint64_t records;
	uint64_t refused;
};

/* Turns the whole lines in p..end into line protocol at out; returns its end.
 * Escaping and fractions of a second are left out, here as there: what is
 * compared is what reading and checking cost. */
typedef char *convert(const char *p, const char *end, char *out, struct tally *t);

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

static inline void
put_four(char *o, uint32_t n)
{
	memcpy(o, pairs + n / 100 * 2, 2);
	memcpy(o + 2, pairs + n % 100 * 2, 2);
}

static inline char *
put_seconds(char *o, int64_t seconds)
{
	uint64_t n = seconds < 0 ? -(uint64_t)seconds : (uint64_t)seconds;
	char text[20], *p = text + sizeof(text);

	if (seconds >= 1000000000 && seconds < 10000000000) { /* 2001 to 2286 */
		uint32_t high = (uint32_t)(n / 10000); /* a tree of divisions, not a chain */

		memcpy(o, pairs + high / 10000 * 2, 2);
		put_four(o + 2, high % 10000);
		put_four(o + 6, (uint32_t)(n % 10000));
		return o + 10;
	}
	for (; n >= 10; n /= 100)
		memcpy(p -= 2, pairs + n % 100 * 2, 2);
	if (n > 0 || p == text + sizeof(text))
		*--p = (char)('0' + n);
	if (seconds < 0)
		*o++ = '-';
	memcpy(o, p, (size_t)(text + sizeof(text) - p));
	return o + (text + sizeof(text) - p);
}

struct day {
	char text[10];
	int64_t seconds;
};

static inline bool
digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

static inline int
number2(const char *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* A character beyond ASCII, 0 when it is none; decoded, then held against its bounds. */
static size_t
wide(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	uint32_t c = p[0] & (0x7fU >> len);

	if (p[0] < 0xc0 || p[0] > 0xf7)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < 0xa0 || (len == 3 && c < 0x800) || (len == 4 && c < 0x10000) || c > 0x10ffff ||
	    (c >= 0xd800 && c < 0xe000))
		return 0;
	return len;
}

static bool
read_day(const char *p, struct day *day)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y, m, d, years, month_end;

	for (int i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? p[i] != '-' : !digit(p[i]))
			return false;
	y = number2(p) * 100 + number2(p + 2);
	m = number2(p + 5);
	d = number2(p + 8);
	if (y == 0 || m < 1 || m > 12)
		return false;
	month_end = lengths[m - 1] + (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
	if (d < 1 || d > month_end)
		return false;
	years = m < 3 ? y - 1 : y; /* which have had their leap day */
	d += 365 * (y - 1) + years / 4 - years / 100 + years / 400 - 719163;
	for (int i = 1; i < m; i++)
		d += lengths[i - 1];
	day->seconds = d * 86400LL;
	memcpy(day->text, p, sizeof(day->text));
	return true;
}

/* The 8 bytes at p as HH:MM:SS, -1 when they are no time of day. */
static inline int
read_clock(const char *p)
{
	uint64_t x, shape, limit;

	memcpy(&x, p, 8);
	memcpy(&shape, "00:00:00", 8);
	memcpy(&limit, "\x76\x76\x7f\x76\x76\x7f\x76\x76", 8);
	x ^= shape;
	if ((((x + limit) | x) & UINT64_C(0x8080808080808080)) != 0)
		return -1;
	if (number2(p) > 23 || number2(p + 3) > 59 || number2(p + 6) > 59)
		return -1;
	return number2(p) * 3600 + number2(p + 3) * 60 + number2(p + 6);
}

/* Whether 64-bit nanoseconds hold it. */
static inline bool
in_range(int64_t seconds, int nanos)
{
	if (seconds > -9223372037 && seconds < 9223372036)
		return true;
	return (seconds == -9223372037 && nanos >= 145224192) ||
	    (seconds == 9223372036 && nanos <= 854775807);
}

/* Reads the time at p; returns its end, or NULL. */
static inline const char *
read_time(const char *p, struct day *day, int64_t *seconds)
{
	const char *from;
	int clock, nanos = 0, unit = 1000000000;

	if (memcmp(p, day->text, sizeof(day->text)) != 0 && !read_day(p, day))
		return NULL;
	clock = read_clock(p + 11);
	if ((p[10] != 'T' && p[10] != 't') || clock < 0)
		return NULL;
	*seconds = day->seconds + clock;
	p += 19;
	if (*p == '.') {
		for (from = ++p; digit(*p); p++)
			nanos += (*p - '0') * (unit /= 10);
		if (p == from || p - from > 9)
			return NULL;
	}
	if (*p == 'Z' || *p == 'z') {
		p++;
	} else if (*p == '+' || *p == '-') {
		if (!digit(p[1]) || !digit(p[2]) || p[3] != ':' || !digit(p[4]) || !digit(p[5]) ||
		    number2(p + 1) > 23 || number2(p + 4) > 59)
			return NULL;
		clock = number2(p + 1) * 3600 + number2(p + 4) * 60;
		*seconds += *p == '-' ? clock : -clock;
		p += 6;
	}
	return in_range(*seconds, nanos) ? p : NULL;
}

/* Copies the decimal at *at to o; returns its end there, or NULL. */
static inline char *
copy_value(const char **at, char *o)
{
	const char *p = *at, *from, *value = p;
	int digits;

	if (*p == '-' || *p == '+')
		*o++ = *p++;
	for (from = p; digit(*p); p++)
		*o++ = *p;
	digits = (int)(p - from);
	if (*p == '.') {
		*o++ = *p++;
		for (from = p; digit(*p); p++)
			*o++ = *p;
		digits += (int)(p - from);
	}
	if (digits == 0)
		return NULL;
	if (*p == 'e' || *p == 'E') {
		*o++ = *p++;
		if (*p == '-' || *p == '+')
			*o++ = *p++;
		for (from = p; digit(*p); p++)
			*o++ = *p;
		if (p == from || !isfinite(strtod(value, NULL)))
			return NULL;
	}
	*at = p;
	return *p == '\n' && p - value <= EG_VALUE_MAX ? o : NULL;
}

/* Copies the sensor at *at to o; returns its end there, or NULL. */
static inline char *
copy_sensor(const char **at, char *o)
{
	const char *p = *at, *sensor = p;

	for (;;) {
		if (*p > ' ' - 1 && *p < 0x7f) {
			if (*p == ':')
				break;
			*o++ = *p++;
		} else {
			size_t n = wide(p);

			if (n == 0)
				return NULL;
			memcpy(o, p, n);
			p += n;
			o += n;
		}
	}
	if (p == sensor || p - sensor > EG_SENSOR_MAX || *sensor == '#' ||
	    memcmp(sensor, "\xef\xbb\xbf", 3) == 0)
		return NULL;
	*at = p + 1;
	return o;
}

static inline char *
bare_record(const char **at, char *o, struct day *day)
{
	const char *line = *at;
	int64_t seconds;

	memcpy(o, "energy,sensor=", 14);
	o = copy_sensor(at, o + 14);
	if (o == NULL)
		return NULL;
	*at = read_time(*at, day, &seconds);
	if (*at == NULL || **at != ':')
		return NULL;
	++*at;
	memcpy(o, " value=", 7);
	o = copy_value(at, o + 7);
	if (o == NULL || *at - line > EG_LINE_MAX)
		return NULL;
	*o++ = ' ';
	o = put_seconds(o, seconds);
	*o++ = '\n';
	return o;
}

static char *
bare(const char *p, const char *end, char *o, struct tally *t)
{
	struct day day = { "0000000000", 0 };

	while (p < end) {
		const char *line = p;
		char *next = bare_record(&p, o, &day);

		if (next != NULL) {
			o = next;
			t->records++;
			p++;
			continue;
		}
		p = line + strspn(line, " \t\r");
		if (*line != '#' && *p != '\n')
			t->refused++;
		p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
	}
	return o;
}

/* Turns a message's body, of at most BARE_BODY_MAX bytes, into line protocol at out; returns its
 * end, or NULL if the body is no lines or one of them is refused. A record of at least 22 bytes
 * grows by less than 50, so four times the body's length are room enough. */
static inline char *
bare_body(const char *body, size_t len, char *out)
{
	static char text[BARE_BODY_MAX + PAD];
	struct tally t = { 0 };

	if (len == 0 || len > BARE_BODY_MAX || body[len - 1] != '\n')
		return NULL;
	memcpy(text, body, len);
	out = bare(text, text + len, out, &t);
	return t.refused == 0 ? out : NULL;
}

#endif
