/* SPDX-License-Identifier: MIT */
/* Home Assistant's MQTT discovery: a retained message for each sensor, by which the sensor appears
 * there with its unit. Sources: home-assistant.io/integrations/mqtt (MQTT discovery), and
 * homeassistant/components/sensor/const.py for the units and state classes that a device class
 * allows. */
#ifndef EG_MQTT_DISCOVERY_H
#define EG_MQTT_DISCOVERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct eg_error;
struct eg_meters;

/* Largest number of sensors that are announced. */
#define EG_MQTT_DISCOVERY_MAX 100000

/* The strings and meters stay the caller's. */
struct eg_mqtt_discovery_config {
	const char *prefix;       /* the first levels of the topics: homeassistant */
	const char *template;     /* of the sensors' topics, see topic.h */
	struct eg_meters *meters; /* NULL: no sensor has a unit */
};

struct eg_mqtt_announcement {
	char topic[256];
	char *body; /* JSON; free it */
	size_t len;
};

/* What is wrong with a prefix; NULL: nothing. */
const char *eg_mqtt_prefix_fault(const char *prefix);

/* Makes the announcement of a sensor, which has a topic. -1 with *e: out of memory. */
int eg_mqtt_announce(const struct eg_mqtt_discovery_config *c, struct eg_slice sensor,
    struct eg_mqtt_announcement *out, struct eg_error *e);

/* The sensors that were seen, in the order in which they came. */
struct eg_mqtt_seen {
	void *tree;    /* of tsearch(3) */
	char **sensor; /* NUL-terminated */
	size_t n, room;
	bool full;     /* EG_MQTT_DISCOVERY_MAX was reached, and a warning printed */
};

/* Adds a sensor if it is new. -1 with *e: out of memory. */
int eg_mqtt_seen_add(struct eg_mqtt_seen *s, struct eg_slice sensor, struct eg_error *e);
void eg_mqtt_seen_free(struct eg_mqtt_seen *s);

#endif
