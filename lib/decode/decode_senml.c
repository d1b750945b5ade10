/* SPDX-License-Identifier: MIT */
/* SenML in JSON (RFC 8428): a list of records that refer to base values. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/wide.h"
#include "decode/emit.h"
#include "decode/emit_json.h"

#define RELATIVE ((INT64_C(1) << 28) * EG_NS_PER_S) /* times below count from now, section 4.5.3 */

enum { VERSION = 10, DIGITS_MAX = 36 };

struct base {
	const char *name;
	size_t name_len;
	int64_t time;
	const struct eg_json *value, *sum; /* NULL: none */
};

/* A mantissa stays below UPPER_MAX * 2^64, so that ten times it, and the sum of two, fit in 128
 * bits. */
#define UPPER_MAX ((INT64_C(1) << 56) / 10)

/* mantissa * 10^exponent, exactly. */
struct exact {
	struct eg_wide mantissa;
	int exponent;
};

/* Appends a digit to the mantissa. False when it gets too large. */
static bool
push(struct exact *x, int digit)
{
	return eg_wide_multiply(x->mantissa, eg_wide_of(10), &x->mantissa) &&
	    eg_wide_add(&x->mantissa, eg_wide_of(digit)) &&
	    x->mantissa.hi < UPPER_MAX && x->mantissa.hi >= -UPPER_MAX;
}

/* Parses the decimal text. False when it has more digits or a larger exponent than we can
 * add. */
static bool
to_exact(const char *text, size_t len, struct exact *x)
{
	const char *p = text, *end = text + len;
	bool minus = *p == '-', behind = false, small = false;
	int n = 0;

	*x = (struct exact){ .exponent = 0 };
	for (p += *p == '-' || *p == '+'; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p == '.') {
			behind = true;
			continue;
		}
		if (!push(x, *p - '0'))
			return false;
		x->exponent -= behind;
	}
	if (p < end) {
		small = *++p == '-';
		for (p += *p == '-' || *p == '+'; p < end && n < 1000; p++)
			n = n * 10 + (*p - '0');
	}
	x->exponent += small ? -n : n;
	if (minus)
		x->mantissa = eg_wide_negative(x->mantissa);
	return n < 1000;
}

static bool
add_exact(struct exact a, struct exact b, struct exact *sum)
{
	struct exact *high = a.exponent > b.exponent ? &a : &b;
	int low = a.exponent > b.exponent ? b.exponent : a.exponent;

	for (; high->exponent > low && eg_wide_sign(high->mantissa) != 0; high->exponent--)
		if (!push(high, 0))
			return false;
	*sum = (struct exact){ .mantissa = a.mantissa, .exponent = low };
	return eg_wide_add(&sum->mantissa, b.mantissa);
}

/* Writes x, without an exponent if that is short. Returns the length. */
static size_t
print_exact(struct exact x, char out[EG_VALUE_MAX + 1])
{
	bool minus = eg_wide_sign(x.mantissa) < 0;
	struct eg_wide m = minus ? eg_wide_negative(x.mantissa) : x.mantissa, digit;
	char digits[DIGITS_MAX + 8];
	size_t at = sizeof(digits), n;
	int behind = x.exponent < 0 && x.exponent >= -DIGITS_MAX ? -x.exponent : 0, put = 0;

	digits[--at] = '\0';
	do {
		m = eg_wide_divide(m, eg_wide_of(10), &digit);
		digits[--at] = (char)('0' + (int)digit.lo);
		if (++put == behind)
			digits[--at] = '.';
	} while ((eg_wide_sign(m) > 0 || put <= behind) && at > 1);
	n = (size_t)snprintf(out, EG_VALUE_MAX + 1, "%s%s", minus ? "-" : "", digits + at);
	if (behind == 0 && x.exponent != 0)
		n += (size_t)snprintf(out + n, EG_VALUE_MAX + 1 - n, "e%d", x.exponent);
	return n;
}

/* Emits the sum of base and value. Without a base, the text of the number is kept. */
static int
put_sum(struct eg_emit *s, const char *field, const struct eg_json *base,
    const struct eg_json *value, int64_t ns)
{
	char out[EG_VALUE_MAX + 1];
	struct exact a, b, sum;
	const char *text, *more;
	size_t len, more_len;

	if (value == NULL || base == NULL)
		return eg_emit_value(s, NULL, field, value != NULL ? value : base, ns);
	if (eg_emit_number(s, "base value", base, &text, &len) != 0 ||
	    eg_emit_number(s, "value", value, &more, &more_len) != 0)
		return -1;
	if (eg_decimal_check(text, len) != EG_NUMBER_OK ||
	    eg_decimal_check(more, more_len) != EG_NUMBER_OK)
		return eg_emit_refuse(s, "value or base value is not a decimal number");
	if (!to_exact(text, len, &a) || !to_exact(more, more_len, &b) || !add_exact(a, b, &sum))
		return eg_emit_refuse(s, "value and base value are too far apart to be added");
	return eg_emit_put(s, NULL, field, out, print_exact(sum, out), ns);
}

static int
read_time(struct eg_emit *s, const struct eg_json *o, const char *member, int64_t *ns)
{
	const struct eg_json *time = eg_json_member(o, member);
	const char *text;
	size_t len;

	if (time == NULL)
		return 0;
	if (eg_emit_number(s, member, time, &text, &len) != 0)
		return -1;
	return eg_emit_epoch(s, text, len, 0, ns);
}

static int
read_base(struct eg_emit *s, const struct eg_json *o, struct base *b)
{
	const struct eg_json *name = eg_json_member(o, "bn");

	if (eg_json_int(eg_json_member(o, "bver")) > VERSION)
		return eg_emit_refuse(s, "a version of SenML that is newer than %d", VERSION);
	if (name != NULL) {
		if (!eg_json_is(name, EG_JSON_STRING))
			return eg_emit_refuse(s, "'bn' is not a string");
		b->name = name->text;
		b->name_len = name->len;
	}
	if (eg_json_member(o, "bv") != NULL)
		b->value = eg_json_at(o, "bv");
	if (eg_json_member(o, "bs") != NULL)
		b->sum = eg_json_at(o, "bs");
	return read_time(s, o, "bt", &b->time);
}

/* Joins base name and name. */
static int
read_name(struct eg_emit *s, const struct eg_json *o, const struct base *b)
{
	const struct eg_json *name = eg_json_member(o, "n");
	char whole[2 * EG_SENSOR_MAX];
	size_t n = 0;

	if (name != NULL) {
		if (!eg_json_is(name, EG_JSON_STRING))
			return eg_emit_refuse(s, "'n' is not a string");
		n = name->len;
	}
	if (b->name_len + n > sizeof(whole))
		return eg_emit_refuse(s, "the record's name is too long for a sensor");
	if (b->name_len > 0)
		memcpy(whole, b->name, b->name_len);
	if (n > 0)
		memcpy(whole + b->name_len, name->text, n);
	return eg_emit_device(s, whole, b->name_len + n);
}

/* Refuses an unknown label that ends in '_', as section 4.4 requires. */
static int
check_labels(struct eg_emit *s, const struct eg_json *o)
{
	eg_json_each_member(m, o) {
		size_t n = strlen(m->name);

		if (n > 0 && m->name[n - 1] == '_')
			return eg_emit_refuse(s, "the label '%.60s' is not understood", m->name);
	}
	return 0;
}

static int
decode_record(struct eg_emit *s, const struct eg_json *o, struct base *b)
{
	const struct eg_json *value = eg_json_at(o, "v"), *sum = eg_json_at(o, "s");
	int64_t ns = 0;
	bool text;

	if (!eg_json_is(o, EG_JSON_OBJECT))
		return eg_emit_refuse(s, "a record is not an object");
	if (check_labels(s, o) != 0 || read_base(s, o, b) != 0 || read_time(s, o, "t", &ns) != 0)
		return -1;
	if (__builtin_add_overflow(ns, b->time, &ns) ||
	    (ns < RELATIVE && __builtin_add_overflow(ns, s->m->arrived, &ns)))
		return eg_emit_refuse(s, "the time is out of range");
	text = eg_json_member(o, "vs") != NULL || eg_json_member(o, "vb") != NULL ||
	    eg_json_member(o, "vd") != NULL;
	/* A base value without a value counts only in a record that has its own name. */
	if (value == NULL && sum == NULL && (text || b->value == NULL || eg_json_member(o, "n") == NULL))
		return 0;
	if (read_name(s, o, b) != 0)
		return -1;
	if (!text && (value != NULL || b->value != NULL) &&
	    put_sum(s, "", b->value, value, ns) != 0)
		return -1;
	return sum != NULL ? put_sum(s, "sum", b->sum, sum, ns) : 0;
}

int
eg_decode_senml(struct eg_emit *s)
{
	const struct eg_json *o = eg_emit_json(s);
	struct base base = { 0 };

	if (o == NULL)
		return -1;
	if (!eg_json_is(o, EG_JSON_ARRAY))
		return eg_emit_refuse(s, "the JSON is not an array");
	eg_json_each_element(e, o)
		if (decode_record(s, e, &base) != 0)
			return -1;
	return 0;
}
