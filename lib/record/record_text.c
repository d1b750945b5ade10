/* SPDX-License-Identifier: MIT */
/* Writes records and timestamps, splits lines that contain records, and holds the texts of
 * faults. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/number.h"
#include "record/record.h"

#define DAY 86400

static char *
put_two(char *o, unsigned n)
{
	o[0] = (char)('0' + n / 10);
	o[1] = (char)('0' + n % 10);
	return o + 2;
}

/* Writes the date of a day since 1970-01-01, in the years 0 to 9999. */
static char *
put_date(char *o, int64_t day)
{
	struct eg_date d = eg_day_date(day);

	o = put_two(put_two(o, (unsigned)d.year / 100), (unsigned)d.year % 100);
	*o++ = '-';
	o = put_two(o, (unsigned)d.month);
	*o++ = '-';
	return put_two(o, (unsigned)d.day);
}

size_t
eg_time_format(int64_t ns, char out[EG_TIME_SIZE])
{
	struct eg_time_day none = { .known = false };

	return eg_time_format_near(&none, ns, out);
}

size_t
eg_time_format_near(struct eg_time_day *last, int64_t ns, char out[EG_TIME_SIZE])
{
	int64_t seconds = eg_floor_div(ns, EG_NS_PER_S), day = eg_floor_div(seconds, DAY);
	unsigned clock = (unsigned)(seconds - day * DAY);
	int32_t nanos = (int32_t)(ns % EG_NS_PER_S), unit = EG_NS_PER_S / 10;
	char *o;

	if (!last->known || last->day != day) {
		(void)put_date(last->date, day);
		last->day = day;
		last->known = true;
	}
	o = mempcpy(out, last->date, sizeof(last->date));
	*o++ = 'T';
	o = put_two(o, clock / 3600);
	*o++ = ':';
	o = put_two(o, clock / 60 % 60);
	*o++ = ':';
	o = put_two(o, clock % 60);
	nanos += nanos < 0 ? (int32_t)EG_NS_PER_S : 0;
	if (nanos > 0)
		*o++ = '.';
	for (; nanos > 0; unit /= 10) {
		*o++ = (char)('0' + nanos / unit);
		nanos %= unit;
	}
	*o = '\0';
	return (size_t)(o - out);
}

char *
eg_record_begin(char *out, struct eg_slice sensor, struct eg_slice time)
{
	out = mempcpy(out, sensor.s, sensor.len);
	*out++ = ':';
	out = mempcpy(out, time.s, time.len);
	*out++ = ':';
	return out;
}

char *
eg_record_put(char *out, struct eg_slice sensor, struct eg_slice time, struct eg_slice value)
{
	return mempcpy(eg_record_begin(out, sensor, time), value.s, value.len);
}

bool
eg_dated_parse(const char *line, size_t *len, int64_t *when)
{
	size_t record = eg_record_key_len(line, *len), n = *len - record;
	char digits[24];

	/* n includes the colon; in `digits`, the NUL takes its place */
	if (n == 0 || n > sizeof(digits))
		return false;
	memcpy(digits, line + record + 1, n - 1);
	digits[n - 1] = '\0';
	*len = record;
	return eg_int_parse(digits, 0, EG_WHEN_MAX - 1, when) == EG_NUMBER_OK;
}

size_t
eg_record_key_len(const char *record, size_t len)
{
	const char *colon = memrchr(record, ':', len);

	return colon != NULL ? (size_t)(colon - record) : len;
}

size_t
eg_key_sensor_len(const char *key, size_t len)
{
	const char *colon = memchr(key, ':', len);

	return colon != NULL ? (size_t)(colon - key) : len;
}

const char *
eg_fault_text(enum eg_fault fault)
{
	static const char *const texts[] = {
		[EG_FAULT_NONE] = "no fault",
		[EG_FAULT_TOO_LONG] = "the line is longer than 1024 bytes",
		[EG_FAULT_UNTERMINATED] = "the last line has no newline and may be cut short",
		[EG_FAULT_NUL] = "the line holds a NUL byte",
		[EG_FAULT_BOM] = "the line begins with a byte order mark",
		[EG_FAULT_CR] = "the line ends in a carriage return",
		[EG_FAULT_NO_COLON] = "a colon is missing: not sensor:timestamp:value",
		[EG_FAULT_SENSOR_EMPTY] = "the sensor is empty",
		[EG_FAULT_SENSOR_LONG] = "the sensor is longer than 255 bytes",
		[EG_FAULT_SENSOR_UTF8] = "the sensor is not valid UTF-8",
		[EG_FAULT_SENSOR_CONTROL] = "the sensor holds a control character",
		[EG_FAULT_SENSOR_COLON] = "the sensor holds a colon",
		[EG_FAULT_SENSOR_HASH] = "the sensor begins with '#', as a comment does",
		[EG_FAULT_TIME_FORM] = "the timestamp is not an RFC 3339 date and time",
		[EG_FAULT_TIME_DATE] = "the timestamp's day is not in the calendar",
		[EG_FAULT_TIME_CLOCK] = "the timestamp's time of day does not exist",
		[EG_FAULT_TIME_ZONE] = "the timestamp's zone offset does not exist",
		[EG_FAULT_TIME_RANGE] = "the timestamp is outside 1677-09-21 to 2262-04-11",
		[EG_FAULT_VALUE_EMPTY] = "the value is empty",
		[EG_FAULT_VALUE_LONG] = "the value is longer than 64 bytes",
		[EG_FAULT_VALUE_FORM] = "the value is not a decimal number",
		[EG_FAULT_VALUE_RANGE] = "the value is too large for a double",
	};

	return (size_t)fault < sizeof(texts) / sizeof(texts[0]) ? texts[fault] : "unknown fault";
}

enum eg_fault
eg_key_check(const char *key, size_t len)
{
	char line[EG_LINE_MAX];
	struct eg_record r;

	if (len > sizeof(line) - 2)
		return EG_FAULT_TOO_LONG;
	if (memchr(key, '\n', len) != NULL)
		return EG_FAULT_SENSOR_CONTROL;
	/* A key followed by any value is a record. */
	memcpy(line, key, len);
	memcpy(line + len, ":0", 2);
	return eg_record_parse(line, len + 2, &r);
}

enum eg_fault
eg_sensor_check(const char *sensor, size_t len)
{
	static const char time[] = ":2000-01-01T00:00:00";
	char key[EG_SENSOR_MAX + sizeof(time)];

	if (len > EG_SENSOR_MAX)
		return EG_FAULT_SENSOR_LONG;
	if (memchr(sensor, ':', len) != NULL)
		return EG_FAULT_SENSOR_COLON;
	memcpy(key, sensor, len);
	memcpy(key + len, time, sizeof(time) - 1);
	return eg_key_check(key, len + sizeof(time) - 1);
}

static const char order_mark[] = "#eg-order ";

bool
eg_order_parse(const char *line, size_t len, int64_t *order)
{
	const size_t mark = sizeof(order_mark) - 1;
	int64_t n = 0;

	if (len <= mark || memcmp(line, order_mark, mark) != 0)
		return false;
	for (size_t i = mark; i < len; i++)
		if (line[i] < '0' || line[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, line[i] - '0', &n))
			return false;
	if (n == 0)
		return false;
	*order = n;
	return true;
}

size_t
eg_order_put(int64_t order, char out[EG_ORDER_SIZE])
{
	return (size_t)snprintf(out, EG_ORDER_SIZE, "%s%" PRId64 "\n", order_mark, order);
}
