/* SPDX-License-Identifier: MIT */
#include "modbus/value.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/number.h"
#include "decode/unit.h"

/* A decimal as `digits * 10^power`: the digits may have a sign and a point. */
struct decimal {
	char digits[32];
	size_t len;
	int power;
};

enum { POWER_MOST = 40, SF_MOST = 10, SF_NOTHING = 0x8000 };

const char *
eg_modbus_unit(const char *unit)
{
	static const char rows[][2][6] = {
		{ "Wh", "kWh" }, { "kWh", "kWh" }, { "MWh", "kWh" }, { "MJ", "GJ" }, { "GJ", "GJ" },
		{ "mW", "W" }, { "W", "W" }, { "kW", "W" }, { "MW", "W" },
		{ "varh", "kvarh" }, { "kvarh", "kvarh" }, { "Mvarh", "kvarh" },
		{ "var", "var" }, { "kvar", "var" }, { "mVA", "VA" }, { "VA", "VA" }, { "kVA", "VA" },
		{ "mV", "V" }, { "V", "V" }, { "kV", "V" }, { "mA", "A" }, { "A", "A" }, { "kA", "A" },
		{ "Hz", "Hz" }, { "l", "m3" }, { "m3", "m3" }, { "C", "C" }, { "%", "%" }, { "-", "-" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(unit, rows[i][0]) == 0)
			return rows[i][1];
	return NULL;
}

/* The bits of a value: its words in the order of their weight, and each word's bytes. */
static uint64_t
join_registers(const struct eg_modbus_entry *r, const uint16_t *reg, int width)
{
	uint64_t bits = 0;

	for (int i = 0; i < width; i++) {
		uint16_t w = reg[r->swap_words ? width - 1 - i : i];

		bits = bits << 16 | (r->swap_bytes ? __builtin_bswap16(w) : w);
	}
	return bits;
}

static bool
is_signed(enum eg_modbus_type t)
{
	return t == EG_MODBUS_S16 || t == EG_MODBUS_S32 || t == EG_MODBUS_S64;
}

static bool
is_float(enum eg_modbus_type t)
{
	return t == EG_MODBUS_F32 || t == EG_MODBUS_F64;
}

static bool
is_nothing(const struct eg_modbus_entry *r, uint64_t bits, int width)
{
	uint64_t ones = UINT64_MAX >> (64 - 16 * width);

	if (r->nan_rule == EG_MODBUS_NAN_NONE || is_float(r->type))
		return r->nan_rule == EG_MODBUS_NAN_VALUE && bits == r->nan;
	if (r->nan_rule == EG_MODBUS_NAN_VALUE && bits == r->nan)
		return true;
	return bits == (is_signed(r->type) ? (ones >> 1) + 1 : ones);
}

static void
from_integer(const struct eg_modbus_entry *r, uint64_t bits, int width, struct decimal *d)
{
	uint64_t sign = UINT64_C(1) << (16 * width - 1), ones = (sign << 1) - 1;
	bool below = is_signed(r->type) && (bits & sign) != 0;
	uint64_t amount = below ? (~bits & ones) + 1 : bits;

	d->len = (size_t)snprintf(d->digits, sizeof(d->digits), "%s%llu",
	    below != r->negative && amount != 0 ? "-" : "", (unsigned long long)amount);
}

/* Whether the text, `d.ddde+xx`, reads back as the same number of its type. */
static bool
reads_back(const char *text, double v, enum eg_modbus_type type)
{
	return type == EG_MODBUS_F32 ? strtof(text, NULL) == (float)v : strtod(text, NULL) == v;
}

/* False: it is not finite. */
static bool
from_float(const struct eg_modbus_entry *r, uint64_t bits, struct decimal *d)
{
	uint32_t low = (uint32_t)bits;
	char *exponent;
	float f;
	double v;

	memcpy(&v, &bits, sizeof(v));
	memcpy(&f, &low, sizeof(f));
	if (r->type == EG_MODBUS_F32)
		v = (double)f;
	if (!isfinite(v))
		return false;
	v = v == 0 ? 0 : r->negative ? -v : v;
	for (int digits = 0; digits <= 16; digits++) {
		(void)snprintf(d->digits, sizeof(d->digits), "%.*e", digits, v);
		if (reads_back(d->digits, v, r->type))
			break;
	}
	exponent = strchr(d->digits, 'e');
	d->power = (int)strtol(exponent + 1, NULL, 10);
	d->len = (size_t)(exponent - d->digits);
	return true;
}

enum eg_modbus_result
eg_modbus_value(const struct eg_modbus_entry *r, const uint16_t *reg, uint16_t sf,
    char out[EG_VALUE_MAX], size_t *len)
{
	const char *unit = strcmp(r->unit, "-") == 0 ? "" : r->unit;
	char scaled[EG_DECIMAL_SIZE], text[EG_DECIMAL_SIZE];
	struct decimal d = { .power = 0 };
	int width = eg_modbus_width(r->type), shift = (int16_t)sf;
	uint64_t bits = join_registers(r, reg, width);

	if (is_nothing(r, bits, width) || sf == SF_NOTHING)
		return EG_MODBUS_NOTHING;
	if (!is_float(r->type))
		from_integer(r, bits, width, &d);
	else if (!from_float(r, bits, &d))
		return EG_MODBUS_NOTHING;
	d.power += r->power + shift;
	if (abs(shift) > SF_MOST || abs(d.power) > POWER_MOST)
		return EG_MODBUS_RANGE;
	*len = r->factor > 1 ? eg_decimal_times(d.digits, d.len, r->factor, d.power, scaled)
	    : eg_decimal_shift(d.digits, d.len, d.power, scaled);
	if (*len > EG_VALUE_MAX || !eg_unit_convert(scaled, *len, unit, strlen(unit),
	    eg_modbus_unit(r->unit), text, len) || *len > EG_VALUE_MAX)
		return EG_MODBUS_RANGE;
	memcpy(out, text, *len);
	return EG_MODBUS_OK;
}
