/* SPDX-License-Identifier: MIT */
/* Home Assistant's MQTT discovery: the announcement of each sensor. */
#include "mqtt/discovery.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/buf.h"
#include "base/diag.h"
#include "meters/meters.h"
#include "mqtt/packet.h"
#include "mqtt/topic.h"
#include "record/json_text.h"
#include "record/record.h"

enum {
	PREFIX_MAX = 64,
	ID_SENSOR_MAX = 80, /* bytes of the sensor in an identifier */
	ID_SIZE = 128,
};

#define MEASUREMENT "measurement"      /* a value at an instant */
#define INCREASING "total_increasing"  /* a register; a lower value means a reset */

/* NULL: Home Assistant has no such class, or its device class allows no state class for such
 * values. An increment is not a total, and energy may not be a measurement. m3 may be gas or water,
 * so its class is volume. */
static const struct {
	const char *device, *state, *unit; /* unit NULL: that of the file of meters */
} classes[EG_KINDS] = {
	[EG_KIND_NONE] = { NULL, MEASUREMENT, NULL },
	[EG_KIND_W] = { "power", MEASUREMENT, NULL },
	[EG_KIND_KW] = { "power", MEASUREMENT, NULL },
	[EG_KIND_WH] = { "energy", INCREASING, NULL },
	[EG_KIND_KWH] = { "energy", INCREASING, NULL },
	[EG_KIND_INC_WH] = { "energy", NULL, NULL },
	[EG_KIND_INC_KWH] = { "energy", NULL, NULL },
	[EG_KIND_PULSE] = { NULL, INCREASING, NULL },
	[EG_KIND_M3] = { "volume", INCREASING, "m³" },
	[EG_KIND_INC_M3] = { "volume", NULL, "m³" },
	[EG_KIND_GJ] = { "energy", INCREASING, NULL },
	[EG_KIND_VA] = { "apparent_power", MEASUREMENT, NULL },
	[EG_KIND_VAR] = { "reactive_power", MEASUREMENT, NULL },
	[EG_KIND_VARH] = { "reactive_energy", INCREASING, NULL },
	[EG_KIND_KVARH] = { "reactive_energy", INCREASING, NULL },
	[EG_KIND_V] = { "voltage", MEASUREMENT, NULL },
	[EG_KIND_A] = { "current", MEASUREMENT, NULL },
	[EG_KIND_HZ] = { "frequency", MEASUREMENT, NULL },
	[EG_KIND_C] = { "temperature", MEASUREMENT, "°C" },
	[EG_KIND_PERCENT] = { NULL, MEASUREMENT, NULL },
};

const char *
eg_mqtt_prefix_fault(const char *prefix)
{
	if (strlen(prefix) > PREFIX_MAX)
		return "has more than 64 bytes";
	return *prefix == '$' ? "begins with $, which brokers keep for themselves"
	    : eg_mqtt_topic_fault(prefix, strlen(prefix));
}

/* Identifiers hold letters, digits, - and _ only. If a sensor's name has other characters, which
 * are replaced, a hash of the name keeps identifiers different. */
static void
make_id(struct eg_slice sensor, char id[ID_SIZE])
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t n = sensor.len < ID_SENSOR_MAX ? sensor.len : ID_SENSOR_MAX;
	bool changed = n < sensor.len;
	char name[ID_SENSOR_MAX + 1];

	for (size_t i = 0; i < n; i++) {
		bool good = memchr(allowed, sensor.s[i], sizeof(allowed) - 1) != NULL;

		name[i] = good ? sensor.s[i] : '_';
		changed = changed || !good;
	}
	name[n] = '\0';
	if (changed)
		snprintf(id, ID_SIZE, "energyguard_%s_%016llx", name,
		    (unsigned long long)XXH3_64bits(sensor.s, sensor.len));
	else
		snprintf(id, ID_SIZE, "energyguard_%s", name);
}

static void
put_member(FILE *f, const char *name, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	fprintf(f, ",\"%s\":", name);
	eg_jsontext_put(f, text, strlen(text));
}

/* The meter's own name, followed by the sensor if the meter's pattern may match other sensors. */
static void
put_sensor_name(FILE *f, const struct eg_meter *m, struct eg_slice sensor)
{
	char text[1024];
	int n;

	if (m == NULL || *m->name == '\0')
		n = snprintf(text, sizeof(text), "%.*s", (int)sensor.len, sensor.s);
	else if (strlen(m->pattern) == sensor.len && memcmp(m->pattern, sensor.s, sensor.len) == 0)
		n = snprintf(text, sizeof(text), "%s", m->name);
	else
		n = snprintf(text, sizeof(text), "%s %.*s", m->name, (int)sensor.len, sensor.s);
	(void)fputs("{\"name\":", f);
	eg_jsontext_put(f, text, n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static void
put_body(FILE *f, const struct eg_mqtt_discovery_config *c, struct eg_slice sensor, const char *id)
{
	const struct eg_meter *m = c->meters != NULL ? eg_meters_find(c->meters, sensor.s, sensor.len)
	    : NULL;
	enum eg_kind k = m != NULL ? m->kind : EG_KIND_NONE;
	char topic[EG_MQTT_TOPIC_MAX + 1] = "";
	size_t len;

	(void)eg_mqtt_topic(c->template, sensor, topic, &len);
	put_sensor_name(f, m, sensor);
	put_member(f, "unique_id", id);
	put_member(f, "state_topic", topic);
	put_member(f, "value_template", "{{ value_json.value }}");
	put_member(f, "device_class", classes[k].device);
	put_member(f, "unit_of_measurement",
	    classes[k].unit != NULL ? classes[k].unit : eg_kind_unit(k));
	put_member(f, "state_class", classes[k].state);
	(void)fputs(",\"qos\":1,\"device\":{\"identifiers\":[\"energyguard\"],\"name\":\"EnergyGuard\"},"
	      "\"origin\":{\"name\":\"eg-mqtt-publish\",\"sw_version\":\"" EG_VERSION "\"}}", f);
}

int
eg_mqtt_announce(const struct eg_mqtt_discovery_config *c, struct eg_slice sensor,
    struct eg_mqtt_announcement *out, struct eg_error *e)
{
	char id[ID_SIZE];
	FILE *f;

	out->body = NULL;
	f = open_memstream(&out->body, &out->len);
	if (f == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	make_id(sensor, id);
	snprintf(out->topic, sizeof(out->topic), "%s/sensor/%s/config", c->prefix, id);
	put_body(f, c, sensor, id);
	if (fclose(f) == 0)
		return 0;
	free(out->body);
	return eg_fail(e, EG_BUG, "out of memory");
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

int
eg_mqtt_seen_add(struct eg_mqtt_seen *s, struct eg_slice sensor, struct eg_error *e)
{
	char name[EG_SENSOR_MAX + 1], *copy;

	memcpy(name, sensor.s, sensor.len);
	name[sensor.len] = '\0';
	if (s->full || tfind(name, &s->tree, by_text) != NULL)
		return 0;
	if (s->n == EG_MQTT_DISCOVERY_MAX) {
		eg_warn("more than %d sensors: the others are not announced", EG_MQTT_DISCOVERY_MAX);
		s->full = true;
		return 0;
	}
	copy = strdup(name);
	if (copy == NULL || !eg_buf_grow(&s->sensor, &s->room, s->n + 1, sizeof(*s->sensor)) ||
	    tsearch(copy, &s->tree, by_text) == NULL) {
		free(copy);
		return eg_fail(e, EG_BUG, "out of memory");
	}
	s->sensor[s->n++] = copy;
	return 0;
}

static void
keep_node(void *node)
{
	(void)node; /* freed with the array */
}

void
eg_mqtt_seen_free(struct eg_mqtt_seen *s)
{
	tdestroy(s->tree, keep_node);
	for (size_t i = 0; i < s->n; i++)
		free(s->sensor[i]);
	free(s->sensor);
}
