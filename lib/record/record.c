/* SPDX-License-Identifier: MIT */
/* The parser of the record, `sensor:timestamp:value`. See eg-record(5). */
#include "record/record.h"

#include <string.h>

#include "base/number.h"
#include "base/utf8.h"
#include "record/scan.h"

static unsigned
two_digits(const char *p)
{
	return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
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
	else if (seconds == INT64_MIN / EG_NS_PER_S - 1 &&
	    nanos - EG_NS_PER_S >= INT64_MIN % EG_NS_PER_S)
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
	fault = call_read_civil(*at, &seconds);
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

/* Returns the fault that explains the line best. `fault` is the first one from left to right. This
 * is rare, and built for size. */
static __attribute__((cold)) enum eg_fault
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
	r->json = false;
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

/* The fast path, for most lines: a plain key and a plain number. False: the line may still be a
 * record. */
HOT bool
parse_plain(const char *line, const char *end, struct eg_record *r)
{
	const char *p = plain_sensor_end(line, end);
	int64_t seconds;

	if (p == NULL || read_civil(p + 1, &seconds) != EG_FAULT_NONE || !has_ns(seconds) ||
	    (p = put_plain_key(line, p, seconds * EG_NS_PER_S, r)) == NULL || end - p > EG_VALUE_MAX ||
	    !is_plain_number(p, end))
		return false;
	r->len = (uint16_t)(end - line);
	r->json = false;
	return true;
}

size_t
eg_record_scan(const char *text, const char *end, struct eg_record_day *day, struct eg_record *r)
{
	return scan_record(text, end, day, r);
}

enum eg_fault
eg_record_parse(const char *line, size_t len, struct eg_record *r)
{
	if (len > EG_LINE_MAX)
		return EG_FAULT_TOO_LONG;
	r->order = 0;
	return parse_plain(line, line + len, r) ? EG_FAULT_NONE : parse_any(line, len, r);
}

enum eg_fault
eg_record_parse_ahead(char *line, size_t len, struct eg_record_day *day, struct eg_record *r)
{
	line[len] = '\n';
	memset(line + len + 1, 0, EG_RECORD_AHEAD);
	if (eg_record_scan(line, line + len + 1 + EG_RECORD_AHEAD, day, r) == len + 1)
		return EG_FAULT_NONE;
	return eg_record_parse(line, len, r);
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
