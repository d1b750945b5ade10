/* SPDX-License-Identifier: MIT */
/* An MQTT broker as a source (stage/source.h): messages go downstream, receipts come back as
 * PUBACKs. */
#ifndef EG_MQTT_SUBSCRIBE_H
#define EG_MQTT_SUBSCRIBE_H

#include "mqtt/session.h"

struct eg_common;
struct eg_decode;

struct eg_mqtt_subscribe {
	struct eg_mqtt_session_config session; /* all but deliver and ctx */
	struct eg_decode *decode; /* for messages in a device's format; NULL: they are records */
	char *const *command;     /* NULL-terminated; NULL: standard output */
};

/* Runs until the limit of session, a signal or a failure; prints messages and counters, returns
 * the exit status. eg_stop_install is called here. */
int eg_mqtt_subscribe_run(const struct eg_mqtt_subscribe *config, const struct eg_common *common);

#endif
