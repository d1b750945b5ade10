/* SPDX-License-Identifier: MIT */
#include "import/unit.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { UNIT_MAX = 6 };

const char *
eg_unit_find(struct eg_slice text)
{
	static const char *const units[] = { "Wh", "kWh", "MWh", "GWh", "W", "mW", "kW", "MW", "GW",
		"V", "mV", "kV", "A", "mA", "kA", "VA", "kVA", "MVA", "VAh", "kVAh", "var", "kvar", "varh",
		"kvarh", "Hz", "J", "kJ", "MJ", "GJ", "m3", "l", "ft3", "CCF", "therm", "%", "C", "F",
		"K" };
	static const struct {
		const char *text, *unit;
	} other[] = { { "m\xc2\xb3", "m3" }, { "\xc2\xb0""C", "C" }, { "\xc2\xb0""F", "F" } };

	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (strlen(other[i].text) == text.len && memcmp(other[i].text, text.s, text.len) == 0)
			text = (struct eg_slice){ other[i].unit, strlen(other[i].unit) };
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i]) == text.len && strncasecmp(units[i], text.s, text.len) == 0 &&
		    ((*units[i] | 0x20) != 'm' || *units[i] == *text.s))
			return units[i];
	return NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

const char *
eg_unit_cut(struct eg_slice *value)
{
	for (size_t n = 1; n <= UNIT_MAX && n < value->len; n++) {
		size_t at = value->len - n;
		const char *unit = eg_unit_find((struct eg_slice){ value->s + at, n });

		while (at > 0 && is_blank(value->s[at - 1]))
			at--;
		if (at > 1 && memcmp(value->s + at - 2, "\xc2\xa0", 2) == 0) /* a no-break blank */
			at -= 2;
		if (unit != NULL && at > 0 && ((unsigned char)(value->s[at - 1] - '0') <= 9 ||
		    value->s[at - 1] == '.')) {
			value->len = at;
			return unit;
		}
	}
	return NULL;
}

const char *
eg_unit_in_head(struct eg_slice name)
{
	size_t end = name.len, at;
	char last = end > 0 ? name.s[end - 1] : '\0';
	char open = last == ')' ? '(' : last == ']' ? '[' : '\0';

	end -= open != '\0';
	for (at = end; at > 0; at--) {
		char c = name.s[at - 1];

		if (open != '\0' ? c == open : is_blank(c) || c == '_' || c == '/')
			break;
	}
	if (at == 0 && end == 1) /* a column named v or a may mean anything */
		return NULL;
	return eg_unit_find((struct eg_slice){ name.s + at, end - at });
}

const char *
eg_unit_certain(struct eg_slice name)
{
	const char *unit = eg_unit_in_head(name);
	char last = name.len > 0 ? name.s[name.len - 1] : '\0';

	return unit != NULL && (unit[1] != '\0' || *unit == 'W' || last == ')' || last == ']')
	    ? unit : NULL;
}

const char *
eg_unit_quantity(struct eg_slice text, char *quantity, int *power)
{
	static const struct {
		const char *name;
		char quantity;
		int power;
	} units[] = { { "mW", 'w', -3 }, { "Wh", 'h', 0 }, { "kWh", 'h', 3 }, { "MWh", 'h', 6 },
		{ "GWh", 'h', 9 }, { "W", 'w', 0 }, { "kW", 'w', 3 }, { "MW", 'w', 6 },
		{ "GW", 'w', 9 } };
	size_t i = 0;

	if (text.len != 2 || memcmp(text.s, units[0].name, 2) != 0)
		for (i = 1; i < sizeof(units) / sizeof(units[0]); i++)
			if (strlen(units[i].name) == text.len &&
			    strncasecmp(units[i].name, text.s, text.len) == 0)
				break;
	if (i == sizeof(units) / sizeof(units[0]))
		return NULL;
	*quantity = units[i].quantity;
	*power = units[i].power;
	return eg_unit_find((struct eg_slice){ units[i].name, text.len });
}
