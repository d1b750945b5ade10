/* SPDX-License-Identifier: MIT */
#include "plot/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool
is_among(const char *word, const char *const list[])
{
	for (; *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

enum eg_unit_sort
eg_unit_sort(const char *unit)
{
	static const char *const power[] = { "W", "kW", "MW", "GW", "mW", "VA", "kVA", "MVA", "var",
		"kvar", "Mvar", "m3/h", "m³/h", "l/h", "l/min", "g/h", "kg/h", NULL };
	static const char *const amount[] = { "Wh", "kWh", "MWh", "GWh", "VAh", "kVAh", "varh", "kvarh",
		"J", "kJ", "MJ", "GJ", "m3", "m³", "l", "L", "g", "kg", "t", "EUR", "€", "USD", "$", "GBP",
		"£", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "ct", NULL };

	if (is_among(unit, power))
		return EG_UNIT_POWER;
	return is_among(unit, amount) ? EG_UNIT_AMOUNT : EG_UNIT_LEVEL;
}

const char *
eg_unit_of_name(const char *name, size_t len)
{
	static const struct {
		const char *end, *unit;
	} row[] = { { "_kwh", "kWh" }, { "_wh", "Wh" }, { "_mwh", "MWh" }, { "_kw", "kW" },
		{ "_w", "W" }, { "_m3", "m3" }, { "_va", "VA" }, { "_var", "var" }, { "_v", "V" },
		{ "_a", "A" }, { "_hz", "Hz" }, { "_c", "°C" }, { "_covered", "s" } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i].end);

		if (len > n && strncasecmp(name + len - n, row[i].end, n) == 0)
			return row[i].unit;
	}
	return NULL;
}

double
eg_unit_scale(const char *unit, double most, char out[EG_UNIT_SIZE])
{
	static const char *const small[] = { "W", "Wh", "VA", "VAh", "var", "varh", NULL };
	static const char *const thousands[] = { "kW", "kWh", "kVA", "kVAh", "kvar", "kvarh", NULL };
	const char *prefix = "", *rest = unit;
	double factor = 1;

	if (is_among(unit, small) && most >= 1e7) {
		prefix = "M";
		factor = 1e-6;
	} else if (is_among(unit, small) && most >= 1e4) {
		prefix = "k";
		factor = 1e-3;
	} else if (is_among(unit, thousands) && most >= 1e4) {
		prefix = "M";
		rest = unit + 1;
		factor = 1e-3;
	}
	(void)snprintf(out, EG_UNIT_SIZE, "%s%s", prefix, rest);
	return factor;
}

const char *
eg_unit_number(double v, char out[EG_NUMBER_SIZE])
{
	double size = fabs(v);
	int decimals = size >= 1 ? 3 - (int)log10(size) : 4;
	size_t n;

	if (size >= 1e7 || (size > 0 && size < 1e-3)) {
		(void)snprintf(out, EG_NUMBER_SIZE, "%.4g", v);
		return out;
	}
	(void)snprintf(out, EG_NUMBER_SIZE, "%.*f", decimals > 0 ? decimals : 0, v);
	n = strlen(out);
	if (strchr(out, '.') != NULL) {
		while (out[n - 1] == '0')
			out[--n] = '\0';
		if (out[n - 1] == '.')
			out[--n] = '\0';
	}
	if (strcmp(out, "-0") == 0)
		memcpy(out, "0", 2);
	return out;
}
