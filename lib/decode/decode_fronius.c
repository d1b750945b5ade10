/* SPDX-License-Identifier: MIT */
/* Fronius' Solar API: power flow, inverters and meters. Members and units: "Fronius Solar API
 * V1", 42,0410,2012. */
#include <stdio.h>
#include <string.h>

#include "decode/emit.h"
#include "decode/emit_json.h"

/* GetPowerFlowRealtimeData: W, Wh. */
static const struct eg_field site[] = {
	{ "P_Grid", "power_grid" }, { "P_Load", "power_load" }, { "P_Akku", "power_battery" },
	{ "P_PV", "power_pv" }, { "E_Day", "energy_day" }, { "E_Year", "energy_year" },
	{ "E_Total", "energy_total" }, { "rel_Autonomy", "autonomy" },
	{ "rel_SelfConsumption", "self_consumption" },
};

static const struct eg_field inverter[] = {
	{ "P", "power" }, { "E_Day", "energy_day" }, { "E_Year", "energy_year" },
	{ "E_Total", "energy_total" }, { "SOC", "soc" },
};

/* GetInverterRealtimeData, which gives the unit of each value. */
static const struct {
	const char *field;
	char member[13], to[3];
} realtime[] = {
	{ "power", "PAC", "W" }, { "apparent_power", "SAC", "VA" }, { "voltage", "UAC", "V" },
	{ "current", "IAC", "A" }, { "frequency", "FAC", "Hz" }, { "voltage_dc", "UDC", "V" },
	{ "current_dc", "IDC", "A" }, { "voltage_dc_2", "UDC_2", "V" },
	{ "current_dc_2", "IDC_2", "A" },
	{ "voltage_dc_3", "UDC_3", "V" }, { "current_dc_3", "IDC_3", "A" },
	{ "voltage_l1", "UAC_L1", "V" }, { "voltage_l2", "UAC_L2", "V" },
	{ "voltage_l3", "UAC_L3", "V" },
	{ "current_l1", "IAC_L1", "A" }, { "current_l2", "IAC_L2", "A" },
	{ "current_l3", "IAC_L3", "A" },
	{ "energy_day", "DAY_ENERGY", "Wh" }, { "energy_year", "YEAR_ENERGY", "Wh" },
	{ "energy_total", "TOTAL_ENERGY", "Wh" },
};

/* GetMeterRealtimeData: W, VA, var, V, A, Hz, Wh. */
static const struct eg_field meter[] = {
	{ "PowerReal_P_Sum", "power" }, { "PowerReal_P_Phase_1", "power_l1" },
	{ "PowerReal_P_Phase_2", "power_l2" }, { "PowerReal_P_Phase_3", "power_l3" },
	{ "PowerApparent_S_Sum", "apparent_power" }, { "PowerReactive_Q_Sum", "reactive_power" },
	{ "Voltage_AC_Phase_1", "voltage_l1" }, { "Voltage_AC_Phase_2", "voltage_l2" },
	{ "Voltage_AC_Phase_3", "voltage_l3" }, { "Current_AC_Phase_1", "current_l1" },
	{ "Current_AC_Phase_2", "current_l2" }, { "Current_AC_Phase_3", "current_l3" },
	{ "Frequency_Phase_Average", "frequency" }, { "EnergyReal_WAC_Sum_Consumed", "import" },
	{ "EnergyReal_WAC_Sum_Produced", "export" },
};

static int
put_flow(struct eg_emit *s, const struct eg_json *data, int64_t ns)
{
	const struct eg_json *inverters = eg_json_at(data, "Inverters");

	if (eg_emit_fields(s, NULL, eg_json_at(data, "Site"), site, sizeof(site) / sizeof(site[0]),
	    ns) != 0)
		return -1;
	eg_json_each_member(o, inverters)
		if (eg_emit_fields(s, o->name, o, inverter, sizeof(inverter) / sizeof(inverter[0]),
		ns) != 0)
			return -1;
	return 0;
}

/* Emits a value with its unit: of one inverter (Value), or of several, by number (Values). */
static int
put_value(struct eg_emit *s, const char *id, const char *member, const struct eg_json *o,
    int64_t ns)
{
	const struct eg_json *values = eg_json_at(o, "Values");
	const char *unit = eg_json_text(o, "Unit");
	size_t i = 0;

	while (i < sizeof(realtime) / sizeof(realtime[0]) && strcmp(realtime[i].member, member) != 0)
		i++;
	if (i == sizeof(realtime) / sizeof(realtime[0])) {
		if (*unit != '\0')
			eg_emit_pass_over(s, member, strlen(member));
		return 0;
	}
	if (!eg_json_is(values, EG_JSON_OBJECT))
		return eg_emit_measured(s, id, realtime[i].field, eg_json_at(o, "Value"), unit,
		    realtime[i].to, ns);
	eg_json_each_member(value, values)
		if (eg_emit_measured(s, value->name, realtime[i].field, value, unit, realtime[i].to,
		ns) != 0)
			return -1;
	return 0;
}

/* The number of the requested device, as text or number; "": all devices. */
static void
read_id(const struct eg_json *o, char id[16])
{
	const struct eg_json *v = eg_json_at(o, "Head/RequestArguments/DeviceId");

	if (v == NULL)
		v = eg_json_at(o, "Head/RequestArguments/DeviceID");
	*id = '\0';
	if (v != NULL)
		eg_json_copy(v, id, 16);
}

static int
put_data(struct eg_emit *s, const struct eg_json *data, const char *id, int64_t ns)
{
	char group[64];

	if (eg_json_member(data, "Site") != NULL)
		return put_flow(s, data, ns);
	snprintf(group, sizeof(group), "meter%s%s", *id != '\0' ? "_" : "", id);
	if (eg_json_member(data, "PowerReal_P_Sum") != NULL)
		return eg_emit_fields(s, group, data, meter, sizeof(meter) / sizeof(meter[0]), ns);
	eg_json_each_member(o, data) {
		if (!eg_json_is(o, EG_JSON_OBJECT))
			continue;
		snprintf(group, sizeof(group), "meter_%.50s", o->name);
		if (eg_json_member(o, "PowerReal_P_Sum") != NULL
		    ? eg_emit_fields(s, group, o, meter, sizeof(meter) / sizeof(meter[0]), ns) != 0
		    : put_value(s, *id != '\0' ? id : NULL, o->name, o, ns) != 0)
			return -1;
	}
	return 0;
}

static int
decode_answer(struct eg_emit *s, const struct eg_json *o)
{
	const struct eg_json *data = eg_json_at(o, "Body/Data"),
	    *code = eg_json_at(o, "Head/Status/Code");
	char id[16];
	int64_t ns;

	if (code == NULL || (data == NULL && eg_json_int(code) == 0))
		return eg_emit_refuse(s, "no Head/Status/Code and Body/Data: not of the Solar API");
	if (eg_json_int(code) != 0)
		return eg_emit_refuse(s, "the device reports: %.100s",
		    eg_json_text(o, "Head/Status/Reason"));
	if (!eg_json_is(data, EG_JSON_OBJECT))
		return 0; /* an empty array: no device of the kind */
	read_id(o, id);
	if (eg_emit_topic_or(s, "fronius") != 0 || eg_emit_time(s, o, "Head/Timestamp", 0, &ns) != 0)
		return -1;
	return put_data(s, data, id, ns);
}

int
eg_decode_fronius(struct eg_emit *s)
{
	return eg_emit_document(s, false, decode_answer);
}
