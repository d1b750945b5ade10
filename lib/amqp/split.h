/* SPDX-License-Identifier: MIT */
/* A split: exchanges and n queues behind them, among which an exchange or the publisher chooses by
 * a hash of the sensor. And how the number of queues changes while readings flow.
 *
 * When the number changes, sensors move to another queue. No reading of a sensor may be taken from
 * its new queue before those in its old queue are safe. So publishing pauses:
 *   1. Ask the consumers, by markers (amqp/marker.h), whether they go on. Nothing has changed yet.
 *   2. Declare the queue NAME.change, and the new queues, which are not bound.
 *   3. Cut the queues off from the exchange (split_names.h). Messages come back to their
 *      publishers, which keep them while NAME.change exists (publisher_hold.c).
 *   4. Put markers to the old queues until two answers in a row say that no message came between.
 *      Everything before is then safe.
 *   5. Bind the queues that there are to be, connect them, delete those left over, and then
 *      NAME.change.
 * After SIGTERM or SIGINT, or when a wait takes too long, steps 2 and 3 are undone; once step 5
 * has begun, it is finished. NAME.change holds how far the change is (split_state.c), so that
 * after a crash of eg-split or of the broker the next run continues it. Meanwhile publishers
 * wait. */
#ifndef EG_SPLIT_H
#define EG_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

struct eg_amqp_options;
struct eg_error;

#define EG_SPLIT_READERS_MAX 16

struct eg_split {
	const struct eg_amqp_options *broker;
	const char *name;    /* exchange, and the beginning of the queues' names; at most 200 bytes */
	uint32_t n;          /* number of queues that there are to be, 1 to EG_PARTITIONS_MAX */
	bool stream;         /* a super stream; false: queues behind an x-consistent-hash exchange */
	uint32_t readers;    /* consumers of each partition that must answer; of a queue, it is 1 */
	int64_t timeout_ms;  /* limit of each wait, 0: none */
};

/* Declares the exchange, the queues, their dead-letter queues, and binds them. Those that exist
 * stay. Blocks as eg_publisher_declare does. -1 with EG_CONFIG if the split exists with fewer
 * queues. */
int eg_split_declare(const struct eg_split *s, struct eg_error *e);

/* Changes the number of queues of a split that exists, and prints each step. more: to a larger
 * number, else to a smaller one (not for streams). Does nothing if the number is n. Blocks. Calls
 * eg_stop_install. -1 with EG_CONFIG if this cannot be, with EG_TEMPORARY if it did not come to
 * its end: then either everything is as before, or the text says that another run continues it. */
int eg_split_change(const struct eg_split *s, bool more, struct eg_error *e);

#endif
