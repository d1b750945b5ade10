/* SPDX-License-Identifier: MIT */
/* OpenDTU, for inverters of Hoymiles: /api/livedata/status, and its topics in MQTT
 * (docs/MQTT_Topics.md of the project). */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "decode/emit.h"
#include "decode/emit_json.h"

/* For each quantity: the name in JSON, the field, and the unit; NULL: percent, degrees Celsius, or
 * none. */
static const struct {
	const char *json, *field, *to;
} quantities[] = {
	{ "Power", "power", "W" }, { "Power DC", "power_dc", "W" },
	{ "Voltage", "voltage", "V" }, { "Current", "current", "A" },
	{ "YieldDay", "energy_day", "Wh" },
	{ "YieldTotal", "energy_total", "kWh" },
	{ "Frequency", "frequency", "Hz" },
	{ "ReactivePower", "reactive_power", "var" },
	{ "PowerFactor", "power_factor", NULL },
	{ "Efficiency", "efficiency", NULL },
	{ "Temperature", "temperature", NULL },
	{ "Irradiation", "irradiation", NULL },
};

enum { QUANTITIES = sizeof(quantities) / sizeof(quantities[0]), DAY = 86400, YIELD_DAY = 4,
	YIELD_TOTAL = 5, NEVER_HEARD = -127 };

/* The values of a channel: { "Power": { "v": 285.7, "u": "W", "d": 1 }, ... }. After a restart
 * OpenDTU does not know what an inverter has yielded, and gives 0 for it; a sum that lacks an
 * inverter (!whole) is too low. Neither is a reading. */
static int
put_channel(struct eg_emit *s, const char *group, const struct eg_json *o, bool whole, int64_t ns)
{
	const struct eg_json *v;

	for (size_t i = 0; i < QUANTITIES; i++)
		if ((whole || (i != YIELD_DAY && i != YIELD_TOTAL)) &&
		    (v = eg_json_at(o, quantities[i].json)) != NULL &&
		    (i != YIELD_TOTAL || eg_json_double(eg_json_at(v, "v")) != 0) &&
		    eg_emit_measured(s, group, quantities[i].field, eg_json_at(v, "v"),
		        eg_json_text(v, "u"), quantities[i].to, ns) != 0)
			return -1;
	return 0;
}

/* The group for a channel: AC 0 and INV 0 are the inverter, `ac`; DC 0 is its first input,
 * `dc1`, as in topics. */
static int
put_inverter(struct eg_emit *s, const struct eg_json *o)
{
	static const char *const kinds[] = { "AC", "DC", "INV" };
	const char *serial = eg_json_text(o, "serial");
	const struct eg_json *reachable = eg_json_at(o, "reachable"),
	    *yield = eg_json_at(o, "AC/0/YieldTotal/v");
	int64_t age = eg_json_int(eg_json_at(o, "data_age")), ns = s->m->arrived;
	char group[64], before[32] = "";

	if (*serial == '\0')
		return eg_emit_refuse(s, "an inverter has no \"serial\"");
	/* An unreachable inverter has old values, and one that has not answered has none: skip it. */
	if ((reachable != NULL && !eg_json_is_true(reachable)) ||
	    (yield != NULL && eg_json_double(yield) == 0))
		return 0;
	if (age > 0 && age < DAY)
		ns -= age * EG_NS_PER_S;
	if (eg_emit_given(s) != NULL) /* the user's one name stands for all inverters, so the
				       * serial number is added */
		snprintf(before, sizeof(before), "%.30s/", serial);
	if (eg_emit_device(s, serial, strlen(serial)) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		eg_json_each_member(channel, eg_json_at(o, kinds[i])) {
			if (strcmp(kinds[i], "DC") == 0)
				snprintf(group, sizeof(group), "%sdc%d", before, *channel->name - '0' + 1);
			else
				snprintf(group, sizeof(group), "%sac", before);
			if (put_channel(s, group, channel, true, ns) != 0)
				return -1;
		}
	}
	return 0;
}

static int
decode_live_data(struct eg_emit *s, const struct eg_json *o)
{
	const struct eg_json *inverters = eg_json_at(o, "inverters"), *rssi, *polled;
	bool whole = true;

	if (!eg_json_is(inverters, EG_JSON_ARRAY))
		return eg_emit_refuse(s, "no array \"inverters\": not OpenDTU's");
	eg_json_each_element(e, inverters) {
		if (put_inverter(s, e) != 0)
			return -1;
		polled = eg_json_at(e, "poll_enabled");
		rssi = eg_json_at(e, "radio_stats/rssi");
		if (rssi != NULL && eg_json_int(rssi) <= NEVER_HEARD &&
		    (polled == NULL || eg_json_is_true(polled)))
			whole = false;
	}
	if (eg_json_at(o, "total") == NULL)
		return 0;
	if (eg_emit_topic_or(s, "opendtu") != 0)
		return -1;
	return put_channel(s, "total", eg_json_at(o, "total"), whole, s->m->arrived);
}

/* Whether a topic's name is that of JSON in small letters and without blanks: yieldday. */
static bool
is_quantity(const char *json, const char *topic)
{
	for (; *json != '\0'; json++)
		if (*json != ' ' && (*json | 0x20) != *topic++)
			return false;
	return *topic == '\0';
}

static bool
is_zero(const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == '0' || text[len - 1] == '.'))
		len--;
	return len == 0;
}

/* A number on a topic BASE/SERIAL/CHANNEL/QUANTITY, or BASE/ac/QUANTITY for all inverters
 * together. */
static int
decode_topic(struct eg_emit *s, char *topic)
{
	char *quantity = strrchr(topic, '/'), *channel = NULL, *device = NULL, group[64];
	size_t i = 0;

	if (quantity != NULL) {
		*quantity++ = '\0';
		channel = strrchr(topic, '/');
	}
	if (channel == NULL)
		return 0;
	*channel++ = '\0';
	device = strrchr(topic, '/');
	device = device != NULL ? device + 1 : topic;
	while (i < QUANTITIES && !is_quantity(quantities[i].json, quantity))
		i++;
	if (strcmp(channel, "ac") == 0 || strcmp(channel, "dc") == 0)
		snprintf(group, sizeof(group), "%s", channel);
	else if (channel[0] >= '0' && channel[0] <= '9' && channel[1] == '\0' &&
	    strlen(device) == 12 && strspn(device, "0123456789abcdef") == 12)
		snprintf(group, sizeof(group), "%s%s", *channel == '0' ? "ac" : "dc",
		    *channel == '0' ? "" : channel);
	else
		return 0;
	if (i == QUANTITIES || (i == YIELD_TOTAL && is_zero(s->m->body, s->m->len)))
		return 0;
	if (eg_emit_device(s, device, strlen(device)) != 0)
		return -1;
	return eg_emit_put(s, group, quantities[i].field, s->m->body, s->m->len, s->m->arrived);
}

int
eg_decode_opendtu(struct eg_emit *s)
{
	const struct eg_decode_message *m = s->m;
	char topic[256];

	if (m->len > 0 && *m->body == '{')
		return eg_emit_document(s, false, decode_live_data);
	if (m->topic_len == 0 || m->topic_len >= sizeof(topic))
		return eg_emit_refuse(s, "neither JSON nor a message with a topic");
	memcpy(topic, m->topic, m->topic_len);
	topic[m->topic_len] = '\0';
	return decode_topic(s, topic);
}
