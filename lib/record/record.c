/* SPDX-License-Identifier: MIT */
/* The parser of the record, `sensor:timestamp:value`. See eg-record(5). */
#include "record/record.h"

#include <endian.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/swar.h"
#include "base/utf8.h"

/* For the fast path of eg_record_parse, where a call or a local variable in memory costs more
 * than the work itself. `make bench` compares it with a bare splitter of lines: bench_line gives
 * 37 M records/s for the parser and 59 M for the splitter (AMD EPYC, gcc 12, -O2). */
#define HOT static inline __attribute__((always_inline))

#define DAY 86400
#define CIVIL_LEN 19 /* length of 2026-11-23T14:18:36 */

static unsigned
two_digits(const char *p)
{
	return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
}

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

/* Reads `.` and one to nine digits at *at into *nanos, and moves *at past them. */
static enum eg_fault
scan_fraction(const char **at, const char *end, int32_t *nanos)
{
	const char *p = *at + 1;
	int32_t unit = EG_NS_PER_S;

	for (; p < end && eg_is_digit(*p) && unit > 1; p++) {
		unit /= 10;
		*nanos += (*p - '0') * unit;
	}
	if (unit == EG_NS_PER_S)
		return EG_FAULT_TIME_FORM;
	*at = p;
	return EG_FAULT_NONE;
}

/* Reads `Z` or `+hh:mm` at *at into *offset, in seconds, and moves *at past it. */
static enum eg_fault
scan_zone(const char **at, const char *end, int64_t *offset)
{
	const char *p = *at;

	if (*p == 'Z' || *p == 'z') {
		*at = p + 1;
		return EG_FAULT_NONE;
	}
	if ((*p != '+' && *p != '-') || end - p < 6 || !eg_is_digit(p[1]) || !eg_is_digit(p[2]) ||
	    p[3] != ':' || !eg_is_digit(p[4]) || !eg_is_digit(p[5]))
		return EG_FAULT_TIME_FORM;
	if (two_digits(p + 1) > 23 || two_digits(p + 4) > 59)
		return EG_FAULT_TIME_ZONE;
	*offset = (int64_t)(two_digits(p + 1) * 3600 + two_digits(p + 4) * 60);
	if (*p == '-')
		*offset = -*offset;
	*at = p + 6;
	return EG_FAULT_NONE;
}

/* Converts to nanoseconds. In the first and the last second, seconds * 10^9 alone would
 * overflow. */
static enum eg_fault
to_nanoseconds(int64_t seconds, int32_t nanos, int64_t *ns)
{
	if (seconds >= INT64_MIN / EG_NS_PER_S && seconds <= INT64_MAX / EG_NS_PER_S &&
	    (seconds < INT64_MAX / EG_NS_PER_S || nanos <= INT64_MAX % EG_NS_PER_S))
		*ns = seconds * EG_NS_PER_S + nanos;
	else if (seconds == INT64_MIN / EG_NS_PER_S - 1 && nanos - EG_NS_PER_S >= INT64_MIN % EG_NS_PER_S)
		*ns = (seconds + 1) * EG_NS_PER_S + (nanos - EG_NS_PER_S);
	else
		return EG_FAULT_TIME_RANGE;
	return EG_FAULT_NONE;
}

/* Reads the date and time at *at, and moves *at past it. Any text may follow. */
static enum eg_fault
scan_time(const char **at, const char *end, int64_t *ns, bool *subsecond)
{
	int64_t seconds, offset = 0;
	int32_t nanos = 0;
	enum eg_fault fault;

	if (end - *at < CIVIL_LEN)
		return EG_FAULT_TIME_FORM;
	fault = read_civil(*at, &seconds);
	*at += CIVIL_LEN;
	if (fault == EG_FAULT_NONE && *at < end && **at == '.')
		fault = scan_fraction(at, end, &nanos);
	if (fault == EG_FAULT_NONE && *at < end && **at != ':')
		fault = scan_zone(at, end, &offset);
	if (fault != EG_FAULT_NONE)
		return fault;
	*subsecond = nanos != 0;
	return to_nanoseconds(seconds - offset, nanos, ns);
}

enum eg_fault
eg_time_parse(const char *s, size_t len, int64_t *ns)
{
	const char *p = s;
	bool subsecond;
	enum eg_fault fault = scan_time(&p, s + len, ns, &subsecond);

	return fault == EG_FAULT_NONE && p != s + len ? EG_FAULT_TIME_FORM : fault;
}

static bool
has_bom(const char *line, size_t len)
{
	return len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0;
}

/* Moves *at to the colon that ends the sensor. */
static enum eg_fault
scan_sensor(const char **at, const char *end)
{
	const char *line = *at, *p = line;

	while (p < end && *p != ':') {
		size_t len = (unsigned char)*p < 0x80 ? 1 : eg_utf8_len(p, end);

		if (len == 0)
			return EG_FAULT_SENSOR_UTF8;
		if (eg_utf8_is_control(p, len))
			return EG_FAULT_SENSOR_CONTROL;
		p += len;
	}
	*at = p;
	if (p == end)
		return EG_FAULT_NO_COLON;
	if (p == line)
		return EG_FAULT_SENSOR_EMPTY;
	if (p - line > EG_SENSOR_MAX)
		return EG_FAULT_SENSOR_LONG;
	return *line == '#' ? EG_FAULT_SENSOR_HASH : EG_FAULT_NONE;
}

static enum eg_fault
check_value(const char *s, size_t len)
{
	if (len == 0)
		return EG_FAULT_VALUE_EMPTY;
	if (len > EG_VALUE_MAX)
		return EG_FAULT_VALUE_LONG;
	switch (eg_decimal_check(s, len)) {
	case EG_NUMBER_OK:
		return EG_FAULT_NONE;
	case EG_NUMBER_RANGE:
		return EG_FAULT_VALUE_RANGE;
	default:
		return EG_FAULT_VALUE_FORM;
	}
}

/* Returns the fault that explains the line best. `fault` is the first one from left to right. */
static enum eg_fault
diagnose(const char *line, size_t len, enum eg_fault fault)
{
	const char *first = memchr(line, ':', len), *last = memrchr(line, ':', len);
	enum eg_fault time;
	int64_t ns;

	if (memchr(line, '\0', len) != NULL)
		return EG_FAULT_NUL;
	if (has_bom(line, len))
		return EG_FAULT_BOM;
	if (len > 0 && line[len - 1] == '\r')
		return EG_FAULT_CR;
	if (first == last)
		return EG_FAULT_NO_COLON;
	if (fault < EG_FAULT_VALUE_EMPTY)
		return fault;
	/* The value begins after the last colon, so if there is one colon too many, the time is
	 * wrong. */
	time = eg_time_parse(first + 1, (size_t)(last - first - 1), &ns);
	return time == EG_FAULT_NONE ? fault : time;
}

/* Parses any line and finds its fault. Not inlined, since its local variables would slow down
 * the fast path. */
static __attribute__((noinline)) enum eg_fault
parse_any(const char *line, size_t len, struct eg_record *r)
{
	const char *p = line, *end = line + len;
	enum eg_fault fault = has_bom(line, len) ? EG_FAULT_BOM : scan_sensor(&p, end);

	if (fault == EG_FAULT_NONE) {
		r->sensor_len = (uint8_t)(p++ - line);
		fault = scan_time(&p, end, &r->ns, &r->subsecond);
	}
	if (fault == EG_FAULT_NONE && p == end)
		fault = EG_FAULT_NO_COLON;
	else if (fault == EG_FAULT_NONE)
		fault = *p++ == ':' ? check_value(p, (size_t)(end - p)) : EG_FAULT_TIME_FORM;
	if (fault != EG_FAULT_NONE)
		return diagnose(line, len, fault);
	r->line = line;
	r->len = (uint16_t)len;
	r->value_at = (uint16_t)(p - line);
	return EG_FAULT_NONE;
}

/* Whether p..end consists of digits, with at most one '-' before them and one point. */
HOT bool
is_plain_number(const char *p, const char *end)
{
	const char *digits;

	if (p < end && *p == '-')
		p++;
	for (digits = p; p < end && eg_is_digit(*p); p++)
		;
	if (p == digits)
		return false;
	if (p < end && *p == '.')
		for (p++; p < end && eg_is_digit(*p); p++)
			;
	return p == end;
}

/* The fast path for most lines: a sensor of printable ASCII, a time in whole seconds without a
 * zone or with Z, and a plain number. If it returns false, the line may still be a record. */
HOT bool
parse_plain(const char *line, const char *end, struct eg_record *r)
{
	const char *p = line;
	int64_t seconds;
	size_t n = 8;

	for (; n == 8 && end - p >= 8; p += n)
		n = eg_swar_prefix(p, "::::");
	if (end - p < 1 + CIVIL_LEN + 2 || *p != ':' || *line == '#' ||
	    (size_t)(p - line) - 1 >= EG_SENSOR_MAX ||
	    read_civil(p + 1, &seconds) != EG_FAULT_NONE)
		return false;
	r->sensor_len = (uint8_t)(p - line);
	p += 1 + CIVIL_LEN;
	p += *p == 'Z';
	if (*p++ != ':' || end - p > EG_VALUE_MAX || !is_plain_number(p, end) ||
	    seconds <= INT64_MIN / EG_NS_PER_S || seconds >= INT64_MAX / EG_NS_PER_S)
		return false;
	r->line = line;
	r->ns = seconds * EG_NS_PER_S;
	r->len = (uint16_t)(end - line);
	r->value_at = (uint16_t)(p - line);
	r->subsecond = false;
	return true;
}

enum eg_fault
eg_record_parse(const char *line, size_t len, struct eg_record *r)
{
	if (len > EG_LINE_MAX)
		return EG_FAULT_TOO_LONG;
	r->order = 0;
	return parse_plain(line, line + len, r) ? EG_FAULT_NONE : parse_any(line, len, r);
}

bool
eg_line_skipped(const char *line, size_t len)
{
	size_t i = 0;

	if (len > 0 && line[0] == '#')
		return true;
	while (i < len && (line[i] == ' ' || line[i] == '\t' || line[i] == '\r'))
		i++;
	return i == len;
}
