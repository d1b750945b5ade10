/* SPDX-License-Identifier: MIT */
/* Shelly's first generation: a plain number on a topic for each quantity, or the JSON
 * of /status (also on the topic info). */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "decode/emit.h"
#include "decode/emit_json.h"

/* Topics (https://shelly-api-docs.shelly.cloud/gen1): counters of meters are in Wh, those of
 * relays, lights and rollers in watt-minutes. */
static const struct eg_field meter_topics[] = {
	{ "power", "power" }, { "reactive_power", "reactive_power" }, { "pf", "power_factor" },
	{ "voltage", "voltage" }, { "current", "current" }, { "total", "energy" },
	{ "total_returned", "energy_returned" }, { "energy", "energy_wmin" },
	{ "returned_energy", "energy_returned_wmin" },
};
static const struct eg_field relay_topics[] = {
	{ "power", "power" }, { "energy", "energy_wmin" },
};

static const struct eg_field emeter_members[] = {
	{ "power", "power" }, { "reactive", "reactive_power" }, { "pf", "power_factor" },
	{ "voltage", "voltage" }, { "current", "current" }, { "total", "energy" },
	{ "total_returned", "energy_returned" },
};
static const struct eg_field meter_members[] = {
	{ "power", "power" }, { "total", "energy_wmin" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A part of the topic between slashes. */
struct piece {
	const char *at;
	size_t len;
};

static bool
is_piece(struct piece p, const char *word)
{
	return p.len == strlen(word) && memcmp(p.at, word, p.len) == 0;
}

/* Removes the last part from the topic's *len bytes and returns it. */
static struct piece
last_piece(const char *topic, size_t *len)
{
	const char *slash = memrchr(topic, '/', *len);
	size_t start = slash != NULL ? (size_t)(slash - topic) + 1 : 0;
	struct piece p = { topic + start, *len - start };

	*len = start > 0 ? start - 1 : 0;
	return p;
}

static bool
is_index(struct piece p)
{
	return p.len >= 1 && p.len <= 3 && strspn(p.at, "0123456789") >= p.len;
}

/* `shellies/DEVICE/emeter/0/power` with a number. */
static int
decode_topic(struct eg_emit *s)
{
	const struct eg_field *fields = relay_topics;
	size_t len = s->m->topic_len, n = COUNT(relay_topics), value_len = s->m->len;
	struct piece field = last_piece(s->m->topic, &len), index = last_piece(s->m->topic, &len);
	struct piece kind = last_piece(s->m->topic, &len);
	const char *value = s->m->body;
	char group[32];

	if (is_piece(kind, "emeter")) {
		fields = meter_topics;
		n = COUNT(meter_topics);
	} else if (!is_piece(kind, "relay") && !is_piece(kind, "light") && !is_piece(kind, "roller")) {
		return 0;
	}
	while (n > 0 && !is_piece(field, fields[n - 1].member))
		n--;
	if (n == 0 || !is_index(index))
		return 0;
	snprintf(group, sizeof(group), "%.*s/%.*s", (int)kind.len, kind.at, (int)index.len,
	    index.at);
	while (value_len > 0 && (value[value_len - 1] == '\n' || value[value_len - 1] == '\r'))
		value_len--;
	if (len > 9 && memcmp(s->m->topic, "shellies/", 9) == 0) {
		if (eg_emit_device(s, s->m->topic + 9, len - 9) != 0)
			return -1;
	} else if (eg_emit_device(s, s->m->topic, len) != 0) {
		return -1;
	}
	return eg_emit_put(s, group, fields[n - 1].field, value, value_len, s->m->arrived);
}

static int
decode_meters(struct eg_emit *s, const struct eg_json *o, const char *member, const char *kind,
    const struct eg_field *fields, size_t n, int64_t ns)
{
	char group[32];
	int number = 0;

	eg_json_each_element(meter, eg_json_member(o, member)) {
		const struct eg_json *valid = eg_json_member(meter, "is_valid");

		snprintf(group, sizeof(group), "%s/%d", kind, number++);
		/* The device says that it has not measured. */
		if (valid != NULL && !eg_json_is_true(valid))
			continue;
		if (eg_emit_fields(s, group, meter, fields, n, ns) != 0)
			return -1;
	}
	return 0;
}

static int
decode_status(struct eg_emit *s, const struct eg_json *o)
{
	int64_t time, ns = s->m->arrived;

	if (!eg_json_is(o, EG_JSON_OBJECT))
		return eg_emit_refuse(s, "the JSON is not an object");
	if (eg_emit_topic(s, "shellies/", "/info") != 0)
		return -1;
	/* unixtime is 0 until the device has reached a time server. */
	time = eg_json_int(eg_json_member(o, "unixtime"));
	if (time > 0 && time < INT64_C(9000000000))
		ns = time * EG_NS_PER_S;
	if (decode_meters(s, o, "emeters", "emeter", emeter_members, COUNT(emeter_members), ns) != 0)
		return -1;
	return decode_meters(s, o, "meters", "meter", meter_members, COUNT(meter_members), ns);
}

int
eg_decode_shelly1(struct eg_emit *s)
{
	const struct eg_json *o;

	if (s->m->len > 0 && *s->m->body == '{') {
		o = eg_emit_json(s);
		return o != NULL ? decode_status(s, o) : -1;
	}
	if (s->m->topic_len == 0)
		return eg_emit_refuse(s, "neither JSON, nor a topic that says what it is");
	return decode_topic(s);
}
