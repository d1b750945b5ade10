/* SPDX-License-Identifier: MIT */
/* Enphase's gateway (Envoy): /production.json, /api/v1/production and its inverters,
 * /ivp/meters/readings, /ivp/meters/reports and /ivp/livedata/status. */
#include <stdio.h>
#include <string.h>

#include "decode/emit.h"
#include "decode/emit_json.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

/* W, VA, var, V, A, Hz, Wh. */
static const struct eg_field production[] = {
	{ "wNow", "power" }, { "whLifetime", "energy_total" }, { "whToday", "energy_day" },
	{ "reactPwr", "reactive_power" }, { "apprntPwr", "apparent_power" },
	{ "rmsVoltage", "voltage" }, { "rmsCurrent", "current" }, { "pwrFactor", "power_factor" },
	{ "whNow", "energy_stored" }, { "percentFull", "soc" },
};

static const struct eg_field readings[] = {
	{ "activePower", "power" }, { "actEnergyDlvd", "energy_delivered" },
	{ "actEnergyRcvd", "energy_received" }, { "apparentPower", "apparent_power" },
	{ "reactivePower", "reactive_power" }, { "pwrFactor", "power_factor" },
	{ "voltage", "voltage" }, { "current", "current" }, { "freq", "frequency" },
};

static const struct eg_field report[] = {
	{ "currW", "power" }, { "whDlvdCum", "energy_delivered" }, { "whRcvdCum", "energy_received" },
	{ "apprntPwr", "apparent_power" }, { "reactPwr", "reactive_power" },
	{ "rmsVoltage", "voltage" }, { "rmsCurrent", "current" }, { "pwrFactor", "power_factor" },
	{ "freqHz", "frequency" },
};

static const struct eg_field totals[] = {
	{ "wattsNow", "power" }, { "wattHoursLifetime", "energy_total" },
	{ "wattHoursToday", "energy_day" },
};

/* Of the live data, in mW, mvar and mVA. */
static const struct eg_quantity live[] = {
	{ "agg_p_mw", "power", "mW", "W" }, { "agg_p_ph_a_mw", "power_l1", "mW", "W" },
	{ "agg_p_ph_b_mw", "power_l2", "mW", "W" }, { "agg_p_ph_c_mw", "power_l3", "mW", "W" },
	{ "agg_s_mva", "apparent_power", "mVA", "VA" },
};

/* Emits the fields of an object and of its phases in the array `lines`. */
static int
put_lines(struct eg_emit *s, const char *group, const struct eg_json *o, const char *lines,
    const struct eg_field *fields, size_t n, int64_t ns)
{
	char phase[96];
	int number = 0;

	eg_json_each_element(e, eg_json_at(o, lines)) {
		snprintf(phase, sizeof(phase), "%.60s/l%d", group, ++number);
		if (eg_emit_fields(s, phase, e, fields, n, ns) != 0)
			return -1;
	}
	return 0;
}

/* Whether a value of an entry is not 0. */
static bool
has_values(const struct eg_json *o)
{
	for (size_t i = 0; i < N(production); i++)
		if (eg_json_double(eg_json_at(o, production[i].member)) != 0)
			return true;
	return false;
}

/* An entry of production, consumption or storage, named by its measurement type or else by its
 * type. An entry without a device (activeCount 0), or with time and values 0, has never been
 * read. */
static int
put_production(struct eg_emit *s, const struct eg_json *o)
{
	const char *group = eg_json_text(o, "measurementType");
	const struct eg_json *count = eg_json_at(o, "activeCount");
	char name[96];
	bool timed = eg_json_int(eg_json_at(o, "readingTime")) != 0;
	int64_t ns;

	if (*group == '\0')
		group = eg_json_text(o, "type");
	if (*group == '\0')
		return eg_emit_refuse(s, "an entry has neither measurementType nor type");
	if (((count != NULL && eg_json_int(count) == 0) || !timed) && !has_values(o))
		return 0;
	if (!timed && !s->cfg->now) {
		snprintf(name, sizeof(name), "%.60s without a readingTime", group);
		eg_emit_pass_over(s, name, strlen(name));
		return 0;
	}
	if (eg_emit_time(s, o, "readingTime", 0, &ns) != 0 ||
	    eg_emit_fields(s, group, o, production, N(production), ns) != 0)
		return -1;
	return put_lines(s, group, o, "lines", production, N(production), ns);
}

static int
put_live(struct eg_emit *s, const struct eg_json *meters)
{
	static const char *const parts[] = { "pv", "storage", "grid", "load", "generator" };
	const struct eg_json *part;
	int64_t ns;

	if (eg_emit_time(s, meters, "last_update", 0, &ns) != 0)
		return -1;
	for (size_t i = 0; i < N(parts); i++)
		if ((part = eg_json_at(meters, parts[i])) != NULL &&
		    eg_emit_quantities(s, parts[i], part, live, N(live), ns) != 0)
			return -1;
	return eg_emit_measured(s, NULL, "soc", eg_json_at(meters, "soc"), "", NULL, ns);
}

/* An entry of a list: a meter named by its eid, a report, or an inverter named by its number. */
static int
put_entry(struct eg_emit *s, const struct eg_json *o)
{
	static const struct eg_field watts[] = { { "lastReportWatts", "power" } };
	const struct eg_json *eid = eg_json_at(o, "eid");
	const char *type = eg_json_text(o, "reportType"), *serial = eg_json_text(o, "serialNumber");
	const char *time = *serial != '\0' ? "lastReportDate" : *type != '\0' ? "createdAt" : "timestamp";
	const struct eg_json *timed = eg_json_at(o, time);
	char group[61];
	int64_t ns;

	if (eid != NULL)
		eg_json_copy(eid, group, sizeof(group));
	else
		snprintf(group, sizeof(group), "%.60s", *type != '\0' ? type : serial);
	if (*group == '\0')
		return eg_emit_refuse(s, "an entry has no eid, reportType or serialNumber");
	if ((timed != NULL || *serial != '\0') && eg_json_int(timed) == 0)
		return 0; /* it has not reported yet, or has no device */
	if (*serial != '\0')
		return eg_emit_time(s, o, time, 0, &ns) != 0 ? -1 :
		    eg_emit_fields(s, group, o, watts, N(watts), ns);
	if (*type != '\0') {
		if (eg_emit_time(s, o, time, 0, &ns) != 0 ||
		    eg_emit_fields(s, group, eg_json_at(o, "cumulative"), report, N(report), ns) != 0)
			return -1;
		return put_lines(s, group, o, "lines", report, N(report), ns);
	}
	if (eg_emit_time(s, o, time, 0, &ns) != 0 ||
	    eg_emit_fields(s, group, o, readings, N(readings), ns) != 0)
		return -1;
	return put_lines(s, group, o, "channels", readings, N(readings), ns);
}

static int
put_each(struct eg_emit *s, const struct eg_json *list,
    int (*put)(struct eg_emit *, const struct eg_json *))
{
	eg_json_each_element(e, list)
		if (put(s, e) != 0)
			return -1;
	return 0;
}

static int
decode_gateway(struct eg_emit *s, const struct eg_json *o)
{
	const struct eg_json *made = eg_json_at(o, "production");

	if (eg_emit_topic_or(s, "enphase") != 0)
		return -1;
	if (eg_json_is(o, EG_JSON_ARRAY))
		return put_each(s, o, put_entry);
	if (eg_json_member(o, "wattsNow") != NULL)
		return eg_emit_fields(s, "production", o, totals, N(totals), s->m->arrived);
	if (eg_json_at(o, "meters") != NULL)
		return put_live(s, eg_json_at(o, "meters"));
	if (!eg_json_is(made, EG_JSON_ARRAY))
		return eg_emit_refuse(s, "none of production, meters, wattsNow: not Enphase's");
	if (put_each(s, made, put_production) != 0 ||
	    put_each(s, eg_json_at(o, "consumption"), put_production) != 0)
		return -1;
	return put_each(s, eg_json_at(o, "storage"), put_production);
}

int
eg_decode_enphase(struct eg_emit *s)
{
	return eg_emit_document(s, true, decode_gateway);
}
