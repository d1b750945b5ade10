/* SPDX-License-Identifier: MIT */
/* RabbitMQ as a sink (stage/stage.h): records from standard input become messages, and a
 * record is written to standard output when the broker has confirmed its message. */
#ifndef EG_PUBLISH_H
#define EG_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

struct eg_amqp_options;
struct eg_common;

/* The strings stay the caller's. */
struct eg_publish {
	const struct eg_amqp_options *broker;
	const char *queue;
	const char *exchange; /* "": the default exchange, which routes to the queue */
	const char *key;      /* routing key, unless by_sensor */
	bool by_sensor;       /* the routing key is the record's sensor */
	size_t batch;         /* records of a message at most; 1: a JSON message each */
	size_t window;        /* messages without a confirm at most */
};

/* Runs until the end of the input, a signal or a failure; prints messages and counters,
 * returns the exit status. eg_stop_install is called here. */
int eg_publish_run(const struct eg_publish *config, const struct eg_common *common);

#endif
