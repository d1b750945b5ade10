/* SPDX-License-Identifier: MIT */
/* Shared by the files of the session only. */
#ifndef EG_MQTT_SESSION_PARTS_H
#define EG_MQTT_SESSION_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "mqtt/session.h"

/* Whether reading has to wait until a message is settled. */
bool eg_mqtt_session_full(const struct eg_mqtt_session *s);

/* Reads and handles the packets that have arrived, until it is full. -1 with *e: see
 * eg_mqtt_session_work. If the state is EG_MQTT_AWAY afterwards, the connection was lost. */
int eg_mqtt_session_take(struct eg_mqtt_session *s, struct eg_error *e);

/* The answers to CONNECT and SUBSCRIBE, without their fixed headers. -1 with EG_CONFIG: the
 * broker refuses. */
int eg_mqtt_session_logged_in(struct eg_mqtt_session *s, const unsigned char *body, size_t len,
    struct eg_error *e);
int eg_mqtt_session_subscribed(struct eg_mqtt_session *s, const unsigned char *body, size_t len,
    struct eg_error *e);

#endif
