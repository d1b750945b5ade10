/* SPDX-License-Identifier: MIT */
/* Records as InfluxDB's line protocol. */
#include "influx/lineprotocol_write.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"
#include "base/swar.h"
#include "base/utf8.h"
#include "record/record.h"

enum { SPARE = 32 };

/* How long the first five digits of a time in seconds stay the same. */
#define SPAN (100000 * EG_NS_PER_S)

/* InfluxDB reads a backslash as itself unless ',', '=' or ' ' follows, and has no escape for it.
 * VictoriaMetrics reads two backslashes as one. */
const char eg_lineprotocol_unfit[] = "a backslash at the sensor's end or before a comma, equals "
				     "sign, space or backslash cannot be written in line protocol";

static const char special_bytes[] = ",= \\";

static bool
special(char c)
{
	return c == ',' || c == '=' || c == ' ';
}

static __attribute__((noinline)) bool
is_plain_long_name(const char *s, size_t len)
{
	size_t i = 0, n;

	do {
		n = eg_swar_prefix(s + i, special_bytes);
		i += n;
	} while (n == 8 && i < len);
	return i >= len;
}

/* Whether a sensor needs no escape. At least 8 bytes can be read behind it. */
static inline bool
is_plain_name(const char *s, size_t len)
{
	if (len > 8)
		return is_plain_long_name(s, len);
	return eg_swar_prefix(s, special_bytes) >= len;
}

/* Writes the key or value of a tag with its escapes. Returns the end, or NULL if it cannot be
 * written. out has room for twice the length. */
static char *
put_escaped(const char *s, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\\' && (i + 1 == len || special(s[i + 1]) || s[i + 1] == '\\'))
			return NULL;
		if (special(s[i]))
			*out++ = '\\';
		*out++ = s[i];
	}
	return out;
}

static char *
put_text(char *o, const char *s, size_t len)
{
	memcpy(o, s, len);
	return o + len;
}

/* Copies a part that is the same in every line. A copy of constant size takes one or two
 * instructions; a call of memcpy(3) takes longer than the rest of the line. Writes up to SPARE
 * bytes beyond the part. */
static char *
put_key_part(char *o, const char *part, size_t len)
{
	memcpy(o, part, SPARE);
	if (len > SPARE)
		memcpy(o + SPARE, part + SPARE, len - SPARE);
	return o + len;
}

/* Copies a short text. Writes up to SPARE bytes, and reads as many, beyond len. */
static inline char *
put_short(char *o, const char *s, size_t len)
{
	memcpy(o, s, 8);
	if (len > 8)
		memcpy(o + 8, s + 8, len - 8);
	return o + len;
}

/* Writes eight digits. The number is divided into two parts of four digits, all of them at once
 * into two, and again into single digits, each in its byte. */
static inline void
put_eight_digits(char *o, uint32_t n)
{
	uint64_t x = n / 10000 | (uint64_t)(n % 10000) << 32, high;

	high = (x * 10486 >> 20) & UINT64_C(0x0000007f0000007f); /* each / 100 */
	x = high | (x - high * 100) << 16;
	high = (x * 103 >> 10) & UINT64_C(0x000f000f000f000f); /* each / 10 */
	x = htole64((high | (x - high * 10) << 8) + '0' * EG_SWAR_ONES);
	memcpy(o, &x, sizeof(x));
}

/* Not inlined, since its array would slow down put_int. */
static __attribute__((noinline)) char *
put_any_int(char *o, int64_t n)
{
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
	char digits[20];
	size_t at = sizeof(digits);

	if (n < 0)
		*o++ = '-';
	do {
		digits[--at] = (char)('0' + u % 10);
	} while ((u /= 10) > 0);
	return put_text(o, digits + at, sizeof(digits) - at);
}

static inline void
put_two_digits(char *o, unsigned n)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";

	memcpy(o, pairs + 2 * n, 2);
}

static __attribute__((noinline)) void
keep_digits(struct eg_lineprotocol_time *t, int64_t ns)
{
	char digits[8];

	put_eight_digits(digits, (uint32_t)(ns / SPAN));
	memcpy(t->digits, digits + sizeof(digits) - sizeof(t->digits), sizeof(t->digits));
	t->begin = ns - ns % SPAN;
}

/* Seconds have ten digits from 2001 to 2286. Nanoseconds are them and nine more. */
static inline char *
put_time(char *o, int64_t ns, struct eg_lineprotocol_time *t)
{
	uint64_t rest;
	unsigned low, nanos;

	if (ns < 1000000000 * EG_NS_PER_S)
		return put_any_int(o, t->with_ns ? ns : ns / EG_NS_PER_S);
	if ((uint64_t)(ns - t->begin) >= SPAN)
		keep_digits(t, ns);
	rest = (uint64_t)(ns - t->begin);
	low = (unsigned)(rest / EG_NS_PER_S);
	memcpy(o, t->digits, sizeof(t->digits));
	o[5] = (char)('0' + low / 10000);
	put_two_digits(o + 6, low / 100 % 100);
	put_two_digits(o + 8, low % 100);
	if (!t->with_ns)
		return o + 10;
	nanos = (unsigned)(rest % EG_NS_PER_S);
	o[10] = (char)('0' + nanos / 100000000);
	put_eight_digits(o + 11, nanos % 100000000);
	return o + 19;
}

size_t
eg_lineprotocol_room(const struct eg_lineprotocol *p, const struct eg_record *r)
{
	const size_t value_more = 2, time_most = 20, marks = 2;

	return SPARE + p->head_len + 2 * (size_t)r->sensor_len + p->tail_len + r->len - r->value_at +
	    value_more + time_most + marks;
}

static inline char *
put_value(char *o, const struct eg_record *r)
{
	const char *value = r->line + r->value_at;
	size_t len = (size_t)r->len - r->value_at;

	if (!r->json)
		return o + eg_decimal_json(value, len, o);
	if (len < 4 || len > 8)
		return put_text(o, value, len);
	memcpy(o, value, 4);
	memcpy(o + len - 4, value + len - 4, 4);
	return o + len;
}

char *
eg_lineprotocol_put(const struct eg_lineprotocol *p, const struct eg_record *r,
    struct eg_lineprotocol_time *time, char *out)
{
	char *o = put_key_part(out, p->head, p->head_len);

	/* A time follows the sensor: more than 8 bytes. */
	if (is_plain_name(r->line, r->sensor_len))
		o = put_short(o, r->line, r->sensor_len);
	else if ((o = put_escaped(r->line, r->sensor_len, o)) == NULL)
		return NULL;
	o = put_key_part(o, p->tail, p->tail_len);
	o = put_value(o, r);
	*o++ = ' ';
	o = put_time(o, r->ns, time);
	*o++ = '\n';
	return o;
}

/* Checks a name or constant tag from the command line, which may contain any byte. */
static bool
is_name(const char *s, size_t len)
{
	return len > 0 && eg_utf8_is_text(s, len);
}

static int
put_measurement(struct eg_lineprotocol *p, const char *name, struct eg_error *e)
{
	size_t len = strlen(name);
	char q[EG_QUOTE_MAX], *o = p->head;

	if (!is_name(name, len) || len > EG_SENSOR_MAX || *name == '#' ||
	    strchr(name, '\\') != NULL)
		return eg_fail(e, EG_USAGE, "--measurement: %s: must be 1 to %d bytes of UTF-8 "
		    "without control characters and backslashes, and not begin with '#'",
		    eg_quote(name, len, q), EG_SENSOR_MAX);
	for (; *name != '\0'; name++) {
		/* An equals sign in a measurement needs no escape. */
		if (*name == ',' || *name == ' ')
			*o++ = '\\';
		*o++ = *name;
	}
	p->head_len = (size_t)(o - p->head);
	return 0;
}

struct tag {
	const char *key, *value;
	size_t key_len, value_len;
};

static bool
reserved(const struct tag *t)
{
	static const char *const names[] = { "sensor", "time", "_field", "_measurement" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == t->key_len && memcmp(names[i], t->key, t->key_len) == 0)
			return true;
	return false;
}

static int
compare_tags(const void *x, const void *y)
{
	const struct tag *a = x, *b = y;
	size_t len = a->key_len < b->key_len ? a->key_len : b->key_len;
	int d = memcmp(a->key, b->key, len);

	return d != 0 ? d : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

static int
read_tag(const char *text, struct tag *t, struct eg_error *e)
{
	/* Another program's -t is a token, so text without a key is never shown. */
	const char *equals = strchr(text, '=');
	size_t len = strlen(text);
	char q[EG_QUOTE_MAX];

	if (equals == NULL)
		return eg_fail(e, EG_USAGE, "--tag: an argument is not KEY=VALUE");
	*t = (struct tag){ text, equals + 1, (size_t)(equals - text),
		len - (size_t)(equals - text) - 1 };
	if (!is_name(t->key, t->key_len) || !is_name(t->value, t->value_len))
		return eg_fail(e, EG_USAGE, "--tag: %s: key and value must be UTF-8, and not be "
		    "empty or hold control characters", eg_quote(text, len, q));
	if (reserved(t))
		return eg_fail(e, EG_USAGE, "--tag: %s: this key has a meaning of its own",
		    eg_quote(text, len, q));
	return 0;
}

/* Appends `,key=value` to a part. Returns false if there is no room, or it cannot be written. */
static bool
put_tag(char *part, size_t *len, const struct tag *t)
{
	char *o = part + *len;

	if (*len + 2 * (t->key_len + t->value_len) + 32 > EG_LINEPROTOCOL_PART)
		return false;
	*o++ = ',';
	o = put_escaped(t->key, t->key_len, o);
	if (o == NULL)
		return false;
	*o++ = '=';
	o = put_escaped(t->value, t->value_len, o);
	if (o == NULL)
		return false;
	*len = (size_t)(o - part);
	return true;
}

static void
append_text(char *part, size_t *len, const char *text)
{
	*len = (size_t)(put_text(part + *len, text, strlen(text)) - part);
}

static int
put_tags(struct eg_lineprotocol *p, const struct tag *tag, size_t n, struct eg_error *e)
{
	static const struct tag sensor = { "sensor", "", 6, 0 };
	char q[EG_QUOTE_MAX];

	for (size_t i = 0; i < n; i++) {
		bool before = compare_tags(&tag[i], &sensor) < 0;

		if (i > 0 && compare_tags(&tag[i - 1], &tag[i]) == 0)
			return eg_fail(e, EG_USAGE, "--tag: %s: this key is given twice",
			    eg_quote(tag[i].key, tag[i].key_len, q));
		if (!put_tag(before ? p->head : p->tail, before ? &p->head_len : &p->tail_len,
			&tag[i]))
			return eg_fail(e, EG_USAGE, "--tag: %s: too long, or with a backslash that "
			    "line protocol cannot write", eg_quote(tag[i].key, tag[i].key_len, q));
	}
	return 0;
}

int
eg_lineprotocol_init(struct eg_lineprotocol *p, const char *measurement, const char *const *tags,
    size_t n, struct eg_error *e)
{
	struct tag tag[EG_LINEPROTOCOL_TAGS];

	*p = (struct eg_lineprotocol){ .head_len = 0 };
	if (n > EG_LINEPROTOCOL_TAGS)
		return eg_fail(e, EG_USAGE, "--tag: more than %d", EG_LINEPROTOCOL_TAGS);
	for (size_t i = 0; i < n; i++)
		if (read_tag(tags[i], &tag[i], e) != 0)
			return -1;
	if (n > 0)
		qsort(tag, n, sizeof(tag[0]), compare_tags);
	if (put_measurement(p, measurement, e) != 0 || put_tags(p, tag, n, e) != 0)
		return -1;
	append_text(p->head, &p->head_len, ",sensor=");
	append_text(p->tail, &p->tail_len, " value=");
	return 0;
}
