/* SPDX-License-Identifier: MIT */
/* Tasmota's SENSOR messages: local time, and the object ENERGY. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "decode/emit.h"
#include "decode/emit_json.h"

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
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++)
		if (eg_emit_topic_ends(s, tails[i]))
			return tails[i];
	return NULL;
}

/* With several phases or tariffs a value is an array: `power_1`, `power_2` and so on. */
static int
decode_value(struct eg_emit *s, const char *field, const struct eg_json *value, int64_t ns)
{
	char name[64];
	int number = 0;

	if (!eg_json_is(value, EG_JSON_ARRAY))
		return eg_emit_value(s, NULL, field, value, ns);
	eg_json_each_element(e, value) {
		snprintf(name, sizeof(name), "%s_%d", field, ++number);
		if (eg_emit_value(s, NULL, name, e, ns) != 0)
			return -1;
	}
	return 0;
}

static int
read_time(struct eg_emit *s, const struct eg_json *o, int64_t *ns)
{
	const struct eg_json *time = eg_json_at(o, "Time");

	if (time == NULL)
		return eg_emit_timeless(s, ns);
	if (!eg_json_is(time, EG_JSON_STRING))
		return eg_emit_refuse(s, "\"Time\" is not a string");
	return eg_emit_stamp(s, time->text, time->len, ns);
}

/* Whether the name begins with one of n words, in upper or lower case. */
static bool
begins_with(const char *name, const char words[][6], size_t n)
{
	while (n > 0 && strncasecmp(name, words[n - 1], strlen(words[n - 1])) != 0)
		n--;
	return n > 0;
}

/* Passes over numbers of other objects than ENERGY with names that refer to energy, such as
 * those of a script for a meter, whose user names them: SML.Total_in, MT175.E_in. Only the script
 * knows their units. */
static void
pass_over(struct eg_emit *s, const struct eg_json *o)
{
	static const char objects[][6] = { "SML", "eBus", "SDM", "MT631", "LK13", "E320" },
	    values[][6] = { "Total", "Power", "E_in", "E_out" };
	char text[96];

	eg_json_each_member(object, o) {
		bool meter = begins_with(object->name, objects, sizeof(objects) / sizeof(objects[0]));

		if (strcmp(object->name, "ENERGY") == 0)
			continue;
		eg_json_each_member(value, object) {
			int n = snprintf(text, sizeof(text), "%s.%s", object->name, value->name);

			if (eg_json_is_numeric(value) &&
			    (meter || begins_with(value->name, values, sizeof(values) / sizeof(values[0]))))
				eg_emit_pass_over(s, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
		}
	}
}

/* The same for numbers in ENERGY that are none of the fields. */
static void
pass_over_energy(struct eg_emit *s, const struct eg_json *energy)
{
	char text[96];

	eg_json_each_member(value, energy) {
		size_t i = 0;
		int n;

		while (i < sizeof(fields) / sizeof(fields[0]) && strcmp(fields[i].member, value->name) != 0)
			i++;
		if (i < sizeof(fields) / sizeof(fields[0]) ||
		    (!eg_json_is_numeric(value) && !eg_json_is(value, EG_JSON_ARRAY)))
			continue;
		n = snprintf(text, sizeof(text), "ENERGY.%s", value->name);
		eg_emit_pass_over(s, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
	}
}

static int
decode_sensor(struct eg_emit *s, const struct eg_json *o)
{
	const char *tail = tail_of(s);
	const struct eg_json *energy, *value = eg_json_member(o, "StatusSNS");
	int64_t ns = 0;

	/* The answer of the command Status 8 or 10. */
	if (value != NULL)
		o = value;
	if (!eg_json_is(o, EG_JSON_OBJECT))
		return eg_emit_refuse(s, "\"StatusSNS\" is not an object");
	pass_over(s, o);

	energy = eg_json_member(o, "ENERGY");
	if (energy == NULL) {
		if (eg_json_member(o, "Time") != NULL)
			return 0;
		return eg_emit_refuse(s, "neither \"ENERGY\" nor \"Time\": not Tasmota's");
	}
	if (!eg_json_is(energy, EG_JSON_OBJECT))
		return eg_emit_refuse(s, "\"ENERGY\" is not an object");
	pass_over_energy(s, energy);
	if (eg_emit_topic(s, tail == tails[0] ? "tele/" : "stat/", tail != NULL ? tail : "") != 0 ||
	    read_time(s, o, &ns) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if ((value = eg_json_member(energy, fields[i].member)) != NULL &&
		    decode_value(s, fields[i].field, value, ns) != 0)
			return -1;
	return 0;
}

int
eg_decode_tasmota(struct eg_emit *s)
{
	/* STATE, LWT, INFO1 and the like. */
	if (s->m->topic_len > 0 && tail_of(s) == NULL)
		return 0;
	return eg_emit_document(s, false, decode_sensor);
}
