/* SPDX-License-Identifier: MIT */
/* Shelly's second generation and later: JSON-RPC notifications (complete, or only changed
 * values), answers to Shelly.GetStatus and to that of one component, and components on topics of
 * their own. */
#include <stdio.h>
#include <string.h>

#include "decode/emit.h"
#include "decode/emit_json.h"

/* https://shelly-api-docs.shelly.cloud/gen2: W, VA, V, A, Hz; energy in Wh. */
static const struct eg_field em[] = {
	{ "a_act_power", "a_power" }, { "a_aprt_power", "a_apparent_power" },
	{ "a_voltage", "a_voltage" }, { "a_current", "a_current" }, { "a_pf", "a_power_factor" },
	{ "a_freq", "a_frequency" },
	{ "b_act_power", "b_power" }, { "b_aprt_power", "b_apparent_power" },
	{ "b_voltage", "b_voltage" }, { "b_current", "b_current" }, { "b_pf", "b_power_factor" },
	{ "b_freq", "b_frequency" },
	{ "c_act_power", "c_power" }, { "c_aprt_power", "c_apparent_power" },
	{ "c_voltage", "c_voltage" }, { "c_current", "c_current" }, { "c_pf", "c_power_factor" },
	{ "c_freq", "c_frequency" },
	{ "n_current", "n_current" }, { "total_act_power", "total_power" },
	{ "total_aprt_power", "total_apparent_power" }, { "total_current", "total_current" },
};
static const struct eg_field emdata[] = {
	{ "a_total_act_energy", "a_energy" }, { "a_total_act_ret_energy", "a_energy_returned" },
	{ "b_total_act_energy", "b_energy" }, { "b_total_act_ret_energy", "b_energy_returned" },
	{ "c_total_act_energy", "c_energy" }, { "c_total_act_ret_energy", "c_energy_returned" },
	{ "total_act", "total_energy" }, { "total_act_ret", "total_energy_returned" },
};
static const struct eg_field em1[] = {
	{ "act_power", "power" }, { "aprt_power", "apparent_power" }, { "voltage", "voltage" },
	{ "current", "current" }, { "pf", "power_factor" }, { "freq", "frequency" },
};
static const struct eg_field em1data[] = {
	{ "total_act_energy", "energy" }, { "total_act_ret_energy", "energy_returned" },
};
static const struct eg_field channel[] = {
	{ "apower", "power" }, { "aprtpower", "apparent_power" }, { "voltage", "voltage" },
	{ "current", "current" }, { "pf", "power_factor" }, { "freq", "frequency" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct kind {
	char name[8];
	const struct eg_field *fields;
	unsigned char n;
	bool counts; /* has aenergy and ret_aenergy, objects with a total */
	const char *mark; /* a complete status that has this, and no mark before it, is of this kind */
} kinds[] = {
	{ "em", em, COUNT(em), false, "total_act_power" },
	{ "emdata", emdata, COUNT(emdata), false, "total_act" },
	{ "em1", em1, COUNT(em1), false, "act_power" },
	{ "em1data", em1data, COUNT(em1data), false, "total_act_energy" },
	{ "rgbw", channel, COUNT(channel), true, "white" },
	{ "rgb", channel, COUNT(channel), true, "rgb" },
	{ "cct", channel, COUNT(channel), true, "ct" },
	{ "light", channel, COUNT(channel), true, "brightness" },
	{ "switch", channel, COUNT(channel), true, "output" },
	{ "cover", channel, COUNT(channel), true, "state" },
	{ "pm1", channel, COUNT(channel), true, "apower" },
};

enum { ID_DIGITS = 5, GROUP_SIZE = 32 };

/* The kind of a component by its name, `em:0`; its group is `em/0`. */
static const struct kind *
find_kind(const char *name, size_t len, char group[GROUP_SIZE])
{
	const char *colon = memchr(name, ':', len);
	size_t n = colon != NULL ? (size_t)(colon - name) : 0, digits = len - n - 1;

	if (n == 0 || digits == 0 || digits > ID_DIGITS)
		return NULL;
	for (size_t i = n + 1; i < len; i++)
		if (name[i] < '0' || name[i] > '9')
			return NULL;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (strlen(kinds[i].name) == n && memcmp(kinds[i].name, name, n) == 0) {
			memcpy(group, name, len);
			group[n] = '/';
			group[len] = '\0';
			return &kinds[i];
		}
	return NULL;
}

/* The kind of a component that does not say its name: the answer of EM.GetStatus and the like. */
static const struct kind *
find_unnamed(const struct eg_json *o, char group[GROUP_SIZE])
{
	const struct eg_json *id = eg_json_member(o, "id");

	if (!eg_json_is(id, EG_JSON_INT) || id->len > ID_DIGITS ||
	    strspn(id->text, "0123456789") < id->len)
		return NULL;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (eg_json_member(o, kinds[i].mark) != NULL) {
			snprintf(group, GROUP_SIZE, "%s/%.*s", kinds[i].name, (int)id->len, id->text);
			return &kinds[i];
		}
	return NULL;
}

static int
decode_counter(struct eg_emit *s, const char *group, const struct eg_json *o, const char *member,
    const char *field, int64_t ns)
{
	return eg_emit_value(s, group, field, eg_json_member(eg_json_member(o, member), "total"), ns);
}

static int
decode_component(struct eg_emit *s, const struct kind *k, const char *group,
    const struct eg_json *o, int64_t ns)
{
	if (eg_emit_fields(s, group, o, k->fields, k->n, ns) != 0)
		return -1;
	if (!k->counts)
		return 0;
	if (decode_counter(s, group, o, "aenergy", "energy", ns) != 0)
		return -1;
	return decode_counter(s, group, o, "ret_aenergy", "energy_returned", ns);
}

static int
decode_components(struct eg_emit *s, const struct eg_json *o, int64_t ns)
{
	eg_json_each_member(component, o) {
		char group[GROUP_SIZE];
		const struct kind *k = find_kind(component->name, strlen(component->name), group);

		if (k != NULL && decode_component(s, k, group, component, ns) != 0)
			return -1;
	}
	return 0;
}

static bool
has_components(const struct eg_json *o)
{
	eg_json_each_member(component, o) {
		char group[GROUP_SIZE];

		if (find_kind(component->name, strlen(component->name), group) != NULL)
			return true;
	}
	return false;
}

/* The time of a notification is `ts`, that of a status sys.unixtime; both are null until the
 * device has reached a time server. */
static int
read_time(struct eg_emit *s, const struct eg_json *o, int64_t *ns)
{
	const struct eg_json *ts = eg_json_member(o, "ts");
	const char *text;
	size_t len;

	if (ts == NULL)
		ts = eg_json_member(eg_json_member(o, "sys"), "unixtime");
	if (ts == NULL || ts->type == EG_JSON_NULL)
		return eg_emit_timeless(s, ns);
	if (eg_emit_number(s, "ts", ts, &text, &len) != 0)
		return -1;
	return eg_emit_epoch(s, text, len, 0, ns);
}

/* Names the device by its topic if there is one, else by its own name for itself. */
static int
read_device(struct eg_emit *s, const struct eg_json *o)
{
	const struct eg_json *src;

	if (s->m->topic_len > 0)
		return eg_emit_topic(s, "", "/events/rpc");
	src = eg_json_member(o, "src");
	if (!eg_json_is(src, EG_JSON_STRING))
		return eg_emit_device(s, "", 0);
	return eg_emit_device(s, src->text, src->len);
}

/* The last part of a topic `DEVICE/status/COMPONENT`; NULL if the topic has another form. */
static const char *
status_topic(const struct eg_emit *s)
{
	static const char middle[] = "/status/";
	const char *t = s->m->topic;
	const char *slash = s->m->topic_len > 0 ? memrchr(t, '/', s->m->topic_len) : NULL;
	size_t n = sizeof(middle) - 1, end = slash != NULL ? (size_t)(slash - t) + 1 : 0;

	return end > n && memcmp(t + end - n, middle, n) == 0 ? slash + 1 : NULL;
}

/* A notification, or a status. */
static int
decode_frame(struct eg_emit *s, const struct eg_json *o)
{
	const struct eg_json *method = eg_json_member(o, "method"), *status;
	const struct kind *unnamed = NULL;
	char group[GROUP_SIZE];
	int64_t ns;

	if (method != NULL) {
		if (strcmp(method->text, "NotifyStatus") != 0 && strcmp(method->text, "NotifyFullStatus") != 0)
			return 0;
		status = eg_json_member(o, "params");
		if (status == NULL)
			return eg_emit_refuse(s, "the notification has no \"params\"");
	} else if ((status = eg_json_member(o, "result")) == NULL) {
		status = o;
	}
	if (!eg_json_is(status, EG_JSON_OBJECT))
		return eg_emit_refuse(s, "the status is not an object");
	if (!has_components(status)) {
		if (method != NULL || status_topic(s) != NULL)
			return 0;
		if ((unnamed = find_unnamed(status, group)) == NULL)
			return status != o || eg_json_member(o, "sys") != NULL ? 0 :
			    eg_emit_refuse(s, "neither a notification nor a status of a Shelly");
	}
	if (read_device(s, o) != 0 || read_time(s, status, &ns) != 0)
		return -1;
	return unnamed != NULL ? decode_component(s, unnamed, group, status, ns) :
	    decode_components(s, status, ns);
}

/* Whether the topic holds no readings: whether the device is there, its log, and commands. */
static bool
is_aside(const struct eg_emit *s)
{
	static const char command[] = "/command/";

	if (s->m->topic_len == 0)
		return false;
	return eg_emit_topic_ends(s, "/online") || eg_emit_topic_ends(s, "/debug/log") ||
	    eg_emit_topic_ends(s, "/command") || (!eg_emit_topic_ends(s, "/rpc") &&
	    memmem(s->m->topic, s->m->topic_len, command, sizeof(command) - 1) != NULL);
}

int
eg_decode_shelly2(struct eg_emit *s)
{
	const struct eg_json *o;
	const struct kind *k = NULL;
	const char *name;
	char group[GROUP_SIZE];

	if (is_aside(s))
		return 0;
	if ((o = eg_emit_json(s)) == NULL)
		return -1;
	if ((name = status_topic(s)) != NULL)
		k = find_kind(name, s->m->topic_len - (size_t)(name - s->m->topic), group);
	if (!eg_json_is(o, EG_JSON_OBJECT))
		return eg_emit_refuse(s, "the JSON is not an object");
	if (k == NULL)
		return decode_frame(s, o);
	if (eg_emit_device(s, s->m->topic, (size_t)(name - s->m->topic) - sizeof("/status/") + 1) != 0)
		return -1;
	return decode_component(s, k, group, o, s->m->arrived);
}
