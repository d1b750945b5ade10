/* SPDX-License-Identifier: MIT */
/* The words of kinds and roles. */
#include <string.h>

#include "base/number.h"
#include "meters/meters.h"

enum { PULSES_MAX = 1000000000 };

static const struct {
	const char *name, *unit;
} kinds[EG_KINDS] = {
	[EG_KIND_NONE] = { "none", "" },
	[EG_KIND_W] = { "W", "W" },
	[EG_KIND_KW] = { "kW", "kW" },
	[EG_KIND_WH] = { "Wh", "Wh" },
	[EG_KIND_KWH] = { "kWh", "kWh" },
	[EG_KIND_INC_WH] = { "inc-Wh", "Wh" },
	[EG_KIND_INC_KWH] = { "inc-kWh", "kWh" },
	[EG_KIND_PULSE] = { "pulse:N", "pulse" },
	[EG_KIND_M3] = { "m3", "m3" },
	[EG_KIND_INC_M3] = { "inc-m3", "m3" },
	[EG_KIND_GJ] = { "GJ", "GJ" },
	[EG_KIND_VA] = { "VA", "VA" },
	[EG_KIND_VAR] = { "var", "var" },
	[EG_KIND_VARH] = { "varh", "varh" },
	[EG_KIND_KVARH] = { "kvarh", "kvarh" },
	[EG_KIND_V] = { "V", "V" },
	[EG_KIND_A] = { "A", "A" },
	[EG_KIND_HZ] = { "Hz", "Hz" },
	[EG_KIND_C] = { "C", "C" },
	[EG_KIND_PERCENT] = { "%", "%" },
};

static const char *const roles[EG_ROLES] = {
	[EG_ROLE_NONE] = "none",
	[EG_ROLE_GRID_IMPORT] = "grid-import",
	[EG_ROLE_GRID_EXPORT] = "grid-export",
	[EG_ROLE_GRID] = "grid",
	[EG_ROLE_PV] = "pv",
	[EG_ROLE_BATTERY_CHARGE] = "battery-charge",
	[EG_ROLE_BATTERY_DISCHARGE] = "battery-discharge",
	[EG_ROLE_BATTERY] = "battery",
	[EG_ROLE_DEVICE] = "device",
	[EG_ROLE_HOUSE] = "house",
};

const char *
eg_kind_name(enum eg_kind k)
{
	return kinds[k].name;
}

const char *
eg_kind_unit(enum eg_kind k)
{
	return kinds[k].unit;
}

const char *
eg_kind_words(void)
{
	return "W, kW, Wh, kWh, inc-Wh, inc-kWh, pulse:N, m3, inc-m3, GJ, VA, var, varh, kvarh, V, "
	       "A, Hz, C, %, none";
}

bool
eg_kind_parse(const char *word, enum eg_kind *k, int64_t *pulses)
{
	*pulses = 0;
	if (strncmp(word, "pulse:", 6) == 0) {
		*k = EG_KIND_PULSE;
		return eg_int_parse(word + 6, 1, PULSES_MAX, pulses) == EG_NUMBER_OK;
	}
	for (*k = EG_KIND_NONE; *k < EG_KINDS; ++*k)
		if (strcmp(word, kinds[*k].name) == 0)
			return true;
	return false;
}

const char *
eg_role_name(enum eg_role r)
{
	return roles[r];
}
