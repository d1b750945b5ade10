/* SPDX-License-Identifier: MIT */
/* SolarEdge's monitoring API: overview, power, energy, their details, and the current power flow.
 * Members and units: "SolarEdge Monitoring API", times are the site's local ones. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "decode/emit.h"
#include "decode/emit_json.h"

static const struct eg_quantity overview[] = {
	{ "lifeTimeData/energy", "energy_total", "Wh", "Wh" },
	{ "lastYearData/energy", "energy_year", "Wh", "Wh" },
	{ "lastMonthData/energy", "energy_month", "Wh", "Wh" },
	{ "lastDayData/energy", "energy_day", "Wh", "Wh" },
	{ "currentPower/power", "power", "W", "W" },
};

/* The parts of the power flow, and the receiver of the power when the value is negative. */
static const struct {
	const char *member, *field, *target;
} flow[] = {
	{ "PV", "power_pv", NULL }, { "LOAD", "power_load", NULL }, { "GRID", "power_grid", "GRID" },
	{ "STORAGE", "power_storage", "STORAGE" },
};

/* [{ "date": "2024-01-01 10:00:00", "value": 1.5 }, ...]; null if nothing was measured. */
static int
put_values(struct eg_emit *s, const struct eg_json *values, const char *group, const char *field,
    const char *unit, const char *to)
{
	eg_json_each_element(o, values) {
		const struct eg_json *value = eg_json_at(o, "value");
		int64_t ns;

		if (value == NULL)
			continue;
		if (*eg_json_text(o, "date") == '\0')
			return eg_emit_refuse(s, "a value has no \"date\"");
		if (eg_emit_time(s, o, "date", 0, &ns) != 0 ||
		    eg_emit_measured(s, group, field, value, unit, to, ns) != 0)
			return -1;
	}
	return 0;
}

/* power and energy are of the site; powerDetails and energyDetails of each of its meters. */
static int
put_series(struct eg_emit *s, const struct eg_json *o, const char *field, const char *to)
{
	const char *unit = eg_json_text(o, "unit");

	if (*unit == '\0')
		return eg_emit_refuse(s, "\"%s\" has no unit", field);
	if (put_values(s, eg_json_at(o, "values"), NULL, field, unit, to) != 0)
		return -1;
	eg_json_each_element(m, eg_json_at(o, "meters"))
		if (put_values(s, eg_json_at(m, "values"), eg_json_text(m, "type"), field, unit, to) != 0)
			return -1;
	return 0;
}

/* Whether power flows to the part by one of the connections: into the grid or the battery. */
static bool
leads_to(const struct eg_json *connections, const char *target)
{
	eg_json_each_element(e, connections)
		if (target != NULL && strcasecmp(eg_json_text(e, "to"), target) == 0)
			return true;
	return false;
}

static bool
is_positive(const char *number, size_t len)
{
	for (size_t i = 0; i < len && *number != '-' && (number[i] | 0x20) != 'e'; i++)
		if (number[i] >= '1' && number[i] <= '9')
			return true;
	return false;
}

/* Gives power its sign; the API has only the direction, in its connections. */
static int
put_part(struct eg_emit *s, const struct eg_json *value, const char *field, const char *unit,
    bool negative)
{
	char text[EG_VALUE_MAX + 2] = "-";
	const char *number;
	size_t len;

	if (value == NULL)
		return 0;
	if (eg_emit_number(s, field, value, &number, &len) != 0)
		return -1;
	if (negative && len <= EG_VALUE_MAX && eg_decimal_check(number, len) == EG_NUMBER_OK &&
	    is_positive(number, len)) {
		memcpy(text + 1, number, len);
		number = text;
		len++;
	}
	return eg_emit_quantity(s, NULL, field, number, len, unit, strlen(unit), "W", s->m->arrived);
}

static int
put_flow(struct eg_emit *s, const struct eg_json *o)
{
	const char *unit = eg_json_text(o, "unit");
	const struct eg_json *part;

	if (*unit == '\0')
		return eg_emit_refuse(s, "the power flow has no unit");
	for (size_t i = 0; i < sizeof(flow) / sizeof(flow[0]); i++)
		if ((part = eg_json_at(o, flow[i].member)) != NULL &&
		    put_part(s, eg_json_at(part, "currentPower"), flow[i].field, unit,
		        leads_to(eg_json_at(o, "connections"), flow[i].target)) != 0)
			return -1;
	return eg_emit_measured(s, NULL, "soc", eg_json_at(o, "STORAGE/chargeLevel"), "", NULL,
	    s->m->arrived);
}

static int
decode_site(struct eg_emit *s, const struct eg_json *o)
{
	static const struct {
		const char *member, *field, *to;
	} series[] = { { "power", "power", "W" }, { "energy", "energy", "Wh" },
		{ "powerDetails", "power", "W" }, { "energyDetails", "energy", "Wh" } };
	const struct eg_json *part;
	int64_t ns;

	if (eg_emit_topic_or(s, "solaredge") != 0)
		return -1;
	if ((part = eg_json_at(o, "siteCurrentPowerFlow")) != NULL)
		return put_flow(s, part);
	if ((part = eg_json_at(o, "overview")) != NULL)
		return eg_emit_time(s, part, "lastUpdateTime", 0, &ns) != 0 ? -1 :
		    eg_emit_quantities(s, NULL, part, overview, sizeof(overview) / sizeof(overview[0]), ns);
	for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++)
		if ((part = eg_json_at(o, series[i].member)) != NULL)
			return put_series(s, part, series[i].field, series[i].to);
	return eg_emit_refuse(s, "none of overview, power, energy, powerDetails, energyDetails, "
	    "siteCurrentPowerFlow: not SolarEdge's");
}

int
eg_decode_solaredge(struct eg_emit *s)
{
	return eg_emit_document(s, false, decode_site);
}
