/* SPDX-License-Identifier: MIT */
/* HomeWizard's local API: /api/v1/data, and /api/measurement or the measurements of the web
 * socket of version 2. The members: api-documentation.homewizard.com. */
#include <stdio.h>
#include <string.h>

#include "decode/emit.h"
#include "decode/emit_json.h"

/* Members whose field is not simply their name without its unit; NULL: not a reading. */
static const struct eg_field named[] = {
	{ "active_tariff", "tariff" }, { "tariff", "tariff" }, { "total_liter_m3", "water" },
	{ "total_liter_offset_m3", NULL }, { "active_liter_lpm", "flow" }, { "total_gas_m3", NULL },
	{ "active_power_average_w", "demand" }, { "average_power_15m_w", "demand" },
	{ "montly_power_peak_w", NULL }, { "monthly_power_peak_w", NULL },
};

static const char beginnings[][13] = { "total_power_", "energy_", "active_", "total_" };

/* A member's name ends with its unit. A power factor has none. */
static const char units[][5] = { "_kwh", "_w", "_v", "_a", "_hz", "_va", "_var", "_m3", "_pct" };

/* Values with a time of their own: value, time, field. */
static const struct {
	const char *value, *time, *field;
} timed[] = {
	{ "total_gas_m3", "gas_timestamp", "gas" },
	{ "montly_power_peak_w", "montly_power_peak_timestamp", "demand_peak" },
	{ "monthly_power_peak_w", "monthly_power_peak_timestamp", "demand_peak" },
};

/* Writes the field of a member to field (64 bytes). Returns false if it is not a reading. */
static bool
name_field(const char *member, char *field)
{
	size_t n = strlen(member), cut = 0;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strcmp(member, named[i].member) == 0) {
			snprintf(field, 64, "%s", named[i].field != NULL ? named[i].field : "");
			return named[i].field != NULL;
		}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t k = strlen(units[i]);

		if (n > k && memcmp(member + n - k, units[i], k) == 0)
			cut = k;
	}
	if (cut == 0 && strstr(member, "power_factor") == NULL)
		return false;
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (strncmp(member, beginnings[i], strlen(beginnings[i])) == 0) {
			member += strlen(beginnings[i]);
			break;
		}
	n = strlen(member) - cut;
	snprintf(field, 64, "%.*s", (int)(n < 63 ? n : 63), member);
	return true;
}

/* Parses a time of the meter: 230125220957, or ISO 8601. *never: the slot has never been read. */
static int
read_stamp(struct eg_emit *s, const struct eg_json *time, int64_t *ns, bool *never)
{
	char iso[32];
	const char *t;
	size_t len;

	*never = false;
	if (time == NULL)
		return 0;
	if (eg_emit_number(s, "timestamp", time, &t, &len) != 0)
		return -1;
	if (len > 12 || strspn(t, "0123456789") < len)
		return eg_emit_stamp(s, t, len, ns);
	/* A number loses its leading zeros: 0 is the first instant of the meter's calendar. */
	*never = len < 12 || strncmp(t, "700101", 6) == 0 || strncmp(t, "632525", 6) == 0;
	if (*never)
		return 0;
	snprintf(iso, sizeof(iso), "20%.2s-%.2s-%.2sT%.2s:%.2s:%.2s", t, t + 2, t + 4, t + 6, t + 8,
	    t + 10);
	return eg_emit_stamp(s, iso, strlen(iso), ns);
}

/* A meter on the M-Bus: gas_meter/ID, in m3, GJ of heat. */
static int
put_external(struct eg_emit *s, const struct eg_json *o, int64_t ns)
{
	const char *type = eg_json_text(o, "type"), *id = eg_json_text(o, "unique_id"),
	    *unit = eg_json_text(o, "unit");
	bool never;

	if (*type == '\0')
		return eg_emit_refuse(s, "a device in \"external\" has no type");
	if (read_stamp(s, eg_json_at(o, "timestamp"), &ns, &never) != 0)
		return -1;
	if (never)
		return 0;
	return eg_emit_measured(s, type, *id != '\0' ? id : "value", eg_json_at(o, "value"), unit,
	    strstr(type, "heat") != NULL ? "GJ" : "m3", ns);
}

static int
put_timed(struct eg_emit *s, const struct eg_json *o, int64_t ns)
{
	for (size_t i = 0; i < sizeof(timed) / sizeof(timed[0]); i++) {
		const struct eg_json *value = eg_json_at(o, timed[i].value);
		int64_t at = ns;
		bool never;

		if (value == NULL)
			continue;
		if (read_stamp(s, eg_json_at(o, timed[i].time), &at, &never) != 0 ||
		    (!never && eg_emit_value(s, NULL, timed[i].field, value, at) != 0))
			return -1;
	}
	return 0;
}

static int
decode_measurement(struct eg_emit *s, const struct eg_json *o)
{
	char field[64];
	int64_t ns;

	if (strcmp(eg_json_text(o, "type"), "measurement") == 0)
		o = eg_json_at(o, "data");
	if (eg_emit_topic_or(s, "homewizard") != 0 || eg_emit_time(s, o, "timestamp", 0, &ns) != 0)
		return -1;
	eg_json_each_member(value, o)
		if (name_field(value->name, field) && eg_emit_value(s, NULL, field, value, ns) != 0)
			return -1;
	if (put_timed(s, o, ns) != 0)
		return -1;
	eg_json_each_element(e, eg_json_at(o, "external"))
		if (put_external(s, e, ns) != 0)
			return -1;
	return 0;
}

int
eg_decode_homewizard(struct eg_emit *s)
{
	return eg_emit_document(s, false, decode_measurement);
}
