/* SPDX-License-Identifier: MIT */
/* RabbitMQ as a source (stage/source.h). Deliveries go downstream, receipts become
 * acknowledgements, and refused records become dead letters. */
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
	const char *dead;        /* name of the dead-letter queue; NULL: the queue's name with
				  * ".dead" */
	unsigned prefetch;       /* largest number of unacknowledged messages; 0: 300 at first, and
				  * up to 4,000 if the messages are small */
	uint64_t count;          /* end after this many messages; 0: no limit */
	bool drain;              /* end when the queue is empty */
	int64_t give_back_ms;    /* requeue messages that have no receipt for this long, in ms */
	const char *offset;      /* where to begin in a stream; NULL with offset_file NULL: not a
				  * stream */
	const char *offset_file; /* file for the offset; NULL: the offset is not stored */
	struct eg_payload_options payload; /* how to parse messages */
	const struct eg_binding *bindings; /* see topology.h */
	size_t n_bindings;
	char **command;          /* command of the downstream, ends with NULL; NULL: standard
				  * output */
};

/* Runs until count, drain, a signal or an error. Prints messages and counters. Returns the exit
 * status. Calls eg_stop_install. */
int eg_consume_run(const struct eg_consume *config, const struct eg_common *common);

#endif
