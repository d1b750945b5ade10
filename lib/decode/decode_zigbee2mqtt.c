/* SPDX-License-Identifier: MIT */
/* Zigbee2MQTT: a flat JSON object with the state of a device and its measured quantities. */
#include <string.h>

#include "decode/emit.h"
#include "decode/emit_json.h"

/* W, VA, var, V (mV of a battery), A, Hz, kWh. */
static const char quantities[][16] = { "power", "power_apparent", "power_reactive",
	"power_factor", "energy", "produced_energy", "energy_produced", "voltage", "current",
	"ac_frequency" };

/* Suffixes: a phase, or one of several endpoints. Names with other suffixes, such as
 * power_on_behavior, are settings. */
static const char parts[][9] = { "", "_phase_a", "_phase_b", "_phase_c", "_l1", "_l2", "_l3",
	"_l4", "_l5", "_l6", "_l7", "_l8", "_left", "_right", "_a", "_b", "_c",
	"_ab", "_bc", "_ca", "_abc", "_total", "_n" };

static bool
is_quantity(const char *name)
{
	for (size_t i = 0; i < sizeof(quantities) / sizeof(quantities[0]); i++) {
		size_t n = strlen(quantities[i]);

		if (strncmp(name, quantities[i], n) != 0)
			continue;
		for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
			if (strcmp(name + n, parts[k]) == 0)
				return true;
	}
	return false;
}

/* Whether a number has the name of a quantity with an unknown suffix. Such a number is reported,
 * so that no reading is lost without notice. */
static bool
is_like_quantity(const char *name, const struct eg_json *value)
{
	if (!eg_json_is_numeric(value))
		return false;
	for (size_t i = 0; i < sizeof(quantities) / sizeof(quantities[0]); i++)
		if (strncmp(name, quantities[i], strlen(quantities[i])) == 0)
			return true;
	return false;
}

/* Whether it is the direction of a power that is sent without a sign: "energy_flow_a": "producing"
 * (Tuya's clamps; the bridge's option signed_power_a gives the power its sign). */
static bool
is_export(const struct eg_json *value)
{
	return strncmp(value->name, "energy_flow", 11) == 0 && eg_json_is(value, EG_JSON_STRING) &&
	    strcmp(value->text, "producing") == 0;
}

/* last_seen is ISO 8601 or milliseconds, depending on the bridge's configuration. Without it,
 * the time of arrival is used. */
static int
read_time(struct eg_emit *s, const struct eg_json *o, int64_t *ns)
{
	const struct eg_json *seen = eg_json_at(o, "last_seen");
	const char *text;
	size_t len;

	*ns = s->m->arrived;
	if (seen == NULL)
		return 0;
	if (eg_json_is(seen, EG_JSON_STRING))
		return eg_emit_stamp(s, seen->text, seen->len, ns);
	if (eg_emit_number(s, "last_seen", seen, &text, &len) != 0)
		return -1;
	return eg_emit_epoch(s, text, len, 3, ns);
}

static int
decode_state(struct eg_emit *s, const struct eg_json *o)
{
	int64_t ns;

	if (eg_emit_topic(s, "zigbee2mqtt/", "") != 0 || read_time(s, o, &ns) != 0)
		return -1;
	eg_json_each_member(value, o) {
		if (is_quantity(value->name)) {
			if (eg_emit_value(s, NULL, value->name, value, ns) != 0)
				return -1;
		} else if (is_like_quantity(value->name, value) || is_export(value)) {
			eg_emit_pass_over(s, value->name, strlen(value->name));
		}
	}
	return 0;
}

int
eg_decode_zigbee2mqtt(struct eg_emit *s)
{
	static const char bridge[] = "zigbee2mqtt/bridge/";
	size_t n = sizeof(bridge) - 1;

	/* Ignore the bridge's messages about itself, which have many forms, whether a device is
	 * there, and commands. */
	if ((s->m->topic_len > n && memcmp(s->m->topic, bridge, n) == 0) ||
	    eg_emit_topic_ends(s, "/availability") || eg_emit_topic_ends(s, "/set") ||
	    eg_emit_topic_ends(s, "/get"))
		return 0;
	return eg_emit_document(s, false, decode_state);
}
