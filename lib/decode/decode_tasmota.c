/* SPDX-License-Identifier: MIT */
/* Tasmota's SENSOR messages: local time, and the object ENERGY. */
#include <stdio.h>
#include <string.h>

#include "decode/emit.h"

/* W, VA, var, V, A, Hz; energy in kWh, but for Period's Wh. */
static const struct eg_field fields[] = {
	{ "Power", "power" }, { "ApparentPower", "apparent_power" },
	{ "ReactivePower", "reactive_power" }, { "Factor", "power_factor" },
	{ "Voltage", "voltage" }, { "Current", "current" }, { "Frequency", "frequency" },
	{ "Total", "total" }, { "TotalTariff", "total_tariff" }, { "Today", "today" },
	{ "Yesterday", "yesterday" }, { "Period", "period" }, { "ImportActive", "import" },
	{ "ExportActive", "export" }, { "ExportTariff", "export_tariff" },
	{ "ExportReactive", "export_reactive" }, { "ImportReactive", "import_reactive" },
};

/* The topics that have readings: tele/DEVICE/SENSOR, and stat/DEVICE/STATUS8 or STATUS10. */
static const char *const tails[] = { "/SENSOR", "/STATUS8", "/STATUS10" };

/* The one of these tails at the end of the topic; NULL: none. */
static const char *
tail_of(const struct eg_emit *s)
{
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		size_t n = strlen(tails[i]);

		if (s->m->topic_len >= n &&
		    memcmp(s->m->topic + s->m->topic_len - n, tails[i], n) == 0)
			return tails[i];
	}
	return NULL;
}

/* With several phases or tariffs a value is an array: `power_1`, `power_2` and so on. */
static int
decode_value(struct eg_emit *s, const char *field, struct json_object *value, int64_t ns)
{
	char name[64];

	if (!json_object_is_type(value, json_type_array))
		return eg_emit_value(s, NULL, field, value, ns);
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		snprintf(name, sizeof(name), "%s_%zu", field, i + 1);
		if (eg_emit_value(s, NULL, name, json_object_array_get_idx(value, i), ns) != 0)
			return -1;
	}
	return 0;
}

static int
read_time(struct eg_emit *s, struct json_object *o, int64_t *ns)
{
	struct json_object *time;

	if (!json_object_object_get_ex(o, "Time", &time) || time == NULL)
		return eg_emit_timeless(s, ns);
	if (!json_object_is_type(time, json_type_string))
		return eg_emit_refuse(s, "\"Time\" is not a string");
	return eg_emit_stamp(s, json_object_get_string(time),
	    (size_t)json_object_get_string_len(time), ns);
}

/* Passes over numbers of other objects than ENERGY with names that refer to energy, such as
 * those of a script for a meter (SML). Only the script knows their units. */
static void
pass_over(struct eg_emit *s, struct json_object *o)
{
	static const char *const objects[] = { "SML", "eBus", "SDM", "MT631", "LK13", "E320" };
	char text[96];

	json_object_object_foreach(o, name, object) {
		bool meter = false;

		for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
			meter |= strncmp(name, objects[i], strlen(objects[i])) == 0;
		if (!meter || !json_object_is_type(object, json_type_object))
			continue;
		json_object_object_foreach(object, member, value) {
			int n = snprintf(text, sizeof(text), "%s.%s", name, member);

			if (json_object_is_type(value, json_type_double) ||
			    json_object_is_type(value, json_type_int))
				eg_emit_pass_over(s, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
		}
	}
}

/* The same for numbers in ENERGY that are none of the fields. */
static void
pass_over_energy(struct eg_emit *s, struct json_object *energy)
{
	char text[96];

	json_object_object_foreach(energy, member, value) {
		size_t i = 0;
		int n = snprintf(text, sizeof(text), "ENERGY.%s", member);

		while (i < sizeof(fields) / sizeof(fields[0]) && strcmp(fields[i].member, member) != 0)
			i++;
		if (i == sizeof(fields) / sizeof(fields[0]) && (json_object_is_type(value, json_type_double) ||
		    json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_array)))
			eg_emit_pass_over(s, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
	}
}

static int
decode_sensor(struct eg_emit *s, struct json_object *o)
{
	const char *tail = tail_of(s);
	struct json_object *energy, *value;
	int64_t ns = 0;

	/* The answer of the command Status 8 or 10. */
	if (json_object_object_get_ex(o, "StatusSNS", &value))
		o = value;
	if (!json_object_is_type(o, json_type_object))
		return eg_emit_refuse(s, "\"StatusSNS\" is not an object");
	pass_over(s, o);

	if (!json_object_object_get_ex(o, "ENERGY", &energy)) {
		if (json_object_object_get_ex(o, "Time", NULL))
			return 0;
		return eg_emit_refuse(s, "neither \"ENERGY\" nor \"Time\": not Tasmota's");
	}
	if (!json_object_is_type(energy, json_type_object))
		return eg_emit_refuse(s, "\"ENERGY\" is not an object");
	pass_over_energy(s, energy);
	if (eg_emit_topic(s, tail == tails[0] ? "tele/" : "stat/", tail != NULL ? tail : "") != 0 || read_time(s, o, &ns) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (json_object_object_get_ex(energy, fields[i].member, &value) &&
		    decode_value(s, fields[i].field, value, ns) != 0)
			return -1;
	return 0;
}

int
eg_decode_tasmota(struct eg_emit *s)
{
	struct json_object *o;
	int rc;

	/* STATE, LWT, INFO1 and the like. */
	if (s->m->topic_len > 0 && tail_of(s) == NULL)
		return 0;
	o = eg_emit_json(s);
	if (o == NULL)
		return -1;
	rc = json_object_is_type(o, json_type_object)
	    ? decode_sensor(s, o)
	    : eg_emit_refuse(s, "the JSON is not an object");
	json_object_put(o);
	return rc;
}
