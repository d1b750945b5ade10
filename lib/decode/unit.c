/* SPDX-License-Identifier: MIT */
#include "decode/unit.h"

#include <string.h>
#include <strings.h>

/* A unit is factor * 10^power of its quantity's base unit. */
static const struct unit {
	char name[6];
	char quantity;
	signed char factor, power;
} units[] = {
	/* Energy, in J. */
	{ "Wh", 'E', 36, 2 }, { "kWh", 'E', 36, 5 }, { "MWh", 'E', 36, 8 }, { "GWh", 'E', 36, 11 },
	{ "J", 'E', 1, 0 }, { "kJ", 'E', 1, 3 }, { "MJ", 'E', 1, 6 }, { "GJ", 'E', 1, 9 },
	{ "mW", 'P', 1, -3 }, { "W", 'P', 1, 0 }, { "kW", 'P', 1, 3 }, { "MW", 'P', 1, 6 },
	{ "varh", 'e', 1, 0 }, { "kvarh", 'e', 1, 3 }, { "Mvarh", 'e', 1, 6 },
	{ "var", 'Q', 1, 0 }, { "kvar", 'Q', 1, 3 },
	{ "mVA", 'S', 1, -3 }, { "VA", 'S', 1, 0 }, { "kVA", 'S', 1, 3 },
	{ "mV", 'V', 1, -3 }, { "V", 'V', 1, 0 }, { "kV", 'V', 1, 3 },
	{ "mA", 'A', 1, -3 }, { "A", 'A', 1, 0 }, { "kA", 'A', 1, 3 },
	{ "Hz", 'f', 1, 0 },
	{ "l", 'v', 1, -3 }, { "dm3", 'v', 1, -3 }, { "m3", 'v', 1, 0 }, { "m\xc2\xb3", 'v', 1, 0 },
};

/* Finds a unit. Upper and lower case differ, as in mega and milli, except for spellings that
 * some meters use. */
static const struct unit *
find_unit(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len && memcmp(units[i].name, name, len) == 0)
			return &units[i];
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len && strncasecmp(units[i].name, name, len) == 0 &&
		    *units[i].name != 'm' && *units[i].name != 'M')
			return &units[i];
	return NULL;
}

bool
eg_unit_convert(const char *s, size_t s_len, const char *from, size_t from_len, const char *to,
    char *out, size_t *len)
{
	const struct unit *a = find_unit(from, from_len), *b = find_unit(to, strlen(to));

	if (from_len == 0 || (from_len == strlen(to) && memcmp(from, to, from_len) == 0)) {
		memcpy(out, s, s_len);
		*len = s_len;
		return true;
	}
	if (a == NULL || b == NULL || a->quantity != b->quantity)
		return false;
	if (a->factor == b->factor)
		*len = eg_decimal_shift(s, s_len, a->power - b->power, out);
	else if (a->factor == 36) /* Wh to J: an exact factor */
		*len = eg_decimal_times(s, s_len, 36, a->power - b->power, out);
	else
		return false; /* J to Wh: a third has no finite decimal form */
	return *len > 0;
}

const char *
eg_unit_dlms(int code)
{
	static const struct {
		unsigned char code;
		char name[5];
	} names[] = { { 27, "W" }, { 28, "VA" }, { 29, "var" }, { 30, "Wh" }, { 32, "varh" },
		{ 33, "A" }, { 35, "V" }, { 44, "Hz" }, { 13, "m3" }, { 14, "m3" }, { 255, "" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return names[i].name;
	return NULL;
}
