/* SPDX-License-Identifier: MIT */
/* RabbitMQ as a sink (stage/stage.h). Records from standard input become messages; a record is
 * written to standard output when the broker has confirmed its message. */
#ifndef EG_PUBLISH_H
#define EG_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_amqp_options;
struct eg_common;

/* The options; the caller owns the strings. */
struct eg_publish {
	const struct eg_amqp_options *broker;
	const char *queue;
	const char *exchange; /* "": the default exchange, which routes by queue name */
	const char *key;      /* routing key, unless by_sensor or partitions */
	bool by_sensor;       /* the routing key is the record's sensor */
	uint32_t partitions;  /* more than 0: the routing key is the sensor's partition of so many
			       * (amqp/partition.h), in decimal */
	bool super_stream;    /* as partitions, with as many as the broker has */
	size_t batch;         /* largest number of records in a message; 1: one JSON message per
			       * record */
	size_t window;        /* largest number of unconfirmed messages */
};

/* Runs until the end of the input, a signal or an error. Prints messages and counters. Returns
 * the exit status. Calls eg_stop_install. */
int eg_publish_run(const struct eg_publish *config, const struct eg_common *common);

#endif
