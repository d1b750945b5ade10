/* SPDX-License-Identifier: MIT */
/* RabbitMQ as a source (stage/source.h): deliveries go downstream, receipts come back as
 * acknowledgements, refused records as dead letters. */
#ifndef EG_CONSUME_H
#define EG_CONSUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amqp/payload.h"

struct eg_binding;
struct eg_amqp_options;
struct eg_common;

struct eg_consume {
	const struct eg_amqp_options *broker;
	const char *queue;
	const char *dead;        /* dead-letter queue; NULL: the queue's name and ".dead" */
	unsigned prefetch;       /* messages */
	uint64_t count;          /* end after this many messages; 0: no limit */
	bool drain;              /* end when the queue is empty */
	int64_t give_back_ms;    /* return messages that have had no receipt for this long */
	const char *offset;      /* where to begin in a stream; NULL, and offset_file NULL: a queue */
	const char *offset_file; /* NULL: the offset is not kept */
	struct eg_payload_options payload; /* how messages are read */
	const struct eg_binding *bindings; /* see topology.h */
	size_t n_bindings;
	char **command;          /* NULL-terminated; NULL: standard output */
};

/* Runs until count, drain, a signal or a failure; prints messages and counters,
 * returns the exit status. eg_stop_install is called here. */
int eg_consume_run(const struct eg_consume *config, const struct eg_common *common);

#endif
