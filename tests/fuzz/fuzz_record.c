/* SPDX-License-Identifier: MIT */
/*
 * A libFuzzer target: whatever eg_record_parse takes for a record is one.
 *
 *	clang -g -O1 -D_GNU_SOURCE -Ilib -fsanitize=fuzzer,address,undefined \
 *	    tests/fuzz/fuzz_record.c lib/record/record.c lib/record/record_text.c lib/base/number.c -lm
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int truth)
{
	if (!truth)
		abort();
}

static void
check_time(const struct eg_record *r)
{
	const char *time = r->line + r->sensor_len + 1;
	char text[EG_TIME_SIZE];
	size_t len = eg_time_format(r->ns, text);
	int64_t ns;

	require(len < EG_TIME_SIZE && text[len] == '\0' && strlen(text) == len);
	require(eg_time_parse(text, len, &ns) == EG_FAULT_NONE && ns == r->ns);
	require(eg_time_parse(time, (size_t)(r->value_at - r->sensor_len - 2), &ns) == EG_FAULT_NONE);
	require(ns == r->ns);
	require(r->subsecond == (ns % 1000000000 != 0));
}

static const char *
digits(const char *p)
{
	require(*p >= '0' && *p <= '9');
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/* RFC 8259, section 6. */
static void
check_json_number(const char *p)
{
	p += *p == '-';
	require(p[0] != '0' || p[1] < '0' || p[1] > '9');
	p = digits(p);
	if (*p == '.')
		p = digits(p + 1);
	if (*p == 'e' || *p == 'E')
		p = digits(p + 1 + (p[1] == '+' || p[1] == '-'));
	require(*p == '\0');
}

static void
check_value(const char *value, size_t len)
{
	char text[EG_VALUE_MAX + 1], json[EG_VALUE_MAX + 3], *end;
	size_t n = eg_decimal_json(value, len, json);
	double a, b;

	require(len <= EG_VALUE_MAX && n <= len + 2);
	memcpy(text, value, len);
	text[len] = json[n] = '\0';
	check_json_number(json);
	a = strtod(text, &end);
	require(*end == '\0' && isfinite(a));
	b = strtod(json, &end);
	require(*end == '\0' && memcmp(&a, &b, sizeof(a)) == 0);
	require(eg_decimal_check(json, n) == EG_NUMBER_OK || n > EG_VALUE_MAX);
}

/* The same instant with an offset takes the long way through the parser. */
static void
check_long_way(const struct eg_record *r)
{
	char line[EG_LINE_MAX + 6], last = r->line[r->value_at - 2];
	struct eg_record again;
	size_t key = (size_t)r->value_at - 1;

	if (last == 'Z' || last == 'z' || r->value_at - r->sensor_len != 21 || r->len + 6 > EG_LINE_MAX)
		return;
	memcpy(line, r->line, key);
	memcpy(line + key, "+00:00", 6);
	memcpy(line + key + 6, r->line + key, r->len - key);
	require(eg_record_parse(line, (size_t)r->len + 6, &again) == EG_FAULT_NONE);
	require(again.ns == r->ns && again.value_at == r->value_at + 6);
	require(again.sensor_len == r->sensor_len && again.subsecond == r->subsecond);
}

static void
check_line(const char *line, size_t len)
{
	struct eg_record r;
	enum eg_fault fault = eg_record_parse(line, len, &r);
	const char *colon = memchr(line, ':', len);

	require(eg_fault_text(fault)[0] != '\0');
	if (fault != EG_FAULT_NONE)
		return;
	require(!eg_line_skipped(line, len));
	require(r.line == line && r.len == len && len <= EG_LINE_MAX);
	require(colon == line + r.sensor_len && r.sensor_len > 0);
	require((const char *)memrchr(line, ':', len) == line + r.value_at - 1);
	require(memchr(line, '\0', len) == NULL && r.value_at < len);
	check_time(&r);
	check_value(line + r.value_at, len - r.value_at);
	check_long_way(&r);
}

/* A scanned record has the fields of a parsed one. */
static void
check_scanned(const struct eg_record *a, const char *line, size_t len)
{
	char json[EG_VALUE_MAX + 3];
	struct eg_record b;

	require(eg_record_parse(line, len, &b) == EG_FAULT_NONE);
	require(a->line == b.line && a->ns == b.ns && a->order == b.order && a->len == b.len);
	require(a->value_at == b.value_at && a->sensor_len == b.sensor_len);
	require(a->subsecond == b.subsecond);
	if (a->json) {
		size_t n = len - a->value_at;

		require(eg_decimal_json(line + a->value_at, n, json) == n);
		require(memcmp(json, line + a->value_at, n) == 0);
	}
}

/* Scans the lines, with the memory of the day before, in a copy that ends where they do. */
static void
check_scan(const uint8_t *data, size_t size)
{
	struct eg_record_day day = { .ns = 0 };
	char *text = malloc(size);
	struct eg_record r;
	size_t n;

	require(text != NULL);
	memcpy(text, data, size);
	for (const char *p = text, *end = text + size, *nl; p < end; p = nl + 1) {
		n = eg_record_scan(p, end, &day, &r);
		nl = memchr(p, '\n', (size_t)(end - p));
		require(n == 0 || (nl != NULL && n == (size_t)(nl - p) + 1));
		if (n > 0)
			check_scanned(&r, p, n - 1);
		if (nl == NULL)
			break;
	}
	free(text);
}

/* The input, and each of its lines, in memory that ends where they do. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t ns;

	if (size > 0)
		check_scan(data, size);
	for (size_t at = 0; at <= size;) {
		const uint8_t *nl = at < size ? memchr(data + at, '\n', size - at) : NULL;
		size_t len = nl != NULL ? (size_t)(nl - data) - at : size - at;
		char *line = malloc(len + (len == 0));

		require(line != NULL);
		if (len > 0)
			memcpy(line, data + at, len);
		check_line(line, len);
		(void)eg_time_parse(line, len, &ns);
		if (eg_decimal_check(line, len) == EG_NUMBER_OK)
			check_value(line, len);
		free(line);
		at += len + 1;
	}
	return 0;
}
