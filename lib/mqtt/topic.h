/* SPDX-License-Identifier: MIT */
/* The topic of a sensor's messages, made of a template such as energyguard/%s. */
#ifndef EG_MQTT_TOPIC_H
#define EG_MQTT_TOPIC_H

#include <stddef.h>

#include "base/slice.h"

/* RabbitMQ turns a topic into an AMQP routing key, which has at most 255 bytes. mosquitto 2.0
 * closes the connection at a topic with more than 200 slashes (TOPIC_HIERARCHY_LIMIT). */
#define EG_MQTT_TOPIC_MAX 255
#define EG_MQTT_LEVELS_MAX 200

/* What is wrong with a template; NULL: nothing. It has one %s, and no other %. */
const char *eg_mqtt_template_fault(const char *template);

/* Writes the topic: the template, which has no fault, with the sensor in place of %s. Different
 * sensors have different topics. Bytes that a topic may not have (+ and #), that a broker keeps
 * for itself ($), % itself, and characters that brokers refuse (Unicode's noncharacters) are
 * written as % and two hexadecimal digits. NULL with *len, or why there is no such topic. */
const char *eg_mqtt_topic(const char *template, struct eg_slice sensor,
    char out[EG_MQTT_TOPIC_MAX + 1], size_t *len);

#endif
