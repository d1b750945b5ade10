/* SPDX-License-Identifier: MIT */
/* An MQTT broker as a sink (stage/stage.h): each record from standard input becomes a message of
 * QoS 1, and is written to standard output when the broker has acknowledged it. */
#ifndef EG_MQTT_PUBLISH_H
#define EG_MQTT_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

#include "mqtt/discovery.h"

struct eg_common;
struct eg_mqtt_options;

struct eg_mqtt_publish_config {
	const struct eg_mqtt_options *broker;
	size_t window;                             /* most unacknowledged messages, see publisher.h */
	bool retain;                               /* the broker keeps each sensor's last message */
	bool discover;                             /* announce the sensors to Home Assistant */
	struct eg_mqtt_discovery_config discovery; /* template is used even without discover */
};

/* Runs until the end of the input, a signal or a failure; prints messages and counters, returns
 * the exit status. eg_stop_install is called here. */
int eg_mqtt_publish_run(const struct eg_mqtt_publish_config *config,
    const struct eg_common *common);

#endif
