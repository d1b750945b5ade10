/* SPDX-License-Identifier: MIT */
/* Publishes dead letters of deliveries. A delivery is acknowledged only after its dead letter is
 * confirmed. */
#ifndef EG_DEADLETTERS_H
#define EG_DEADLETTERS_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct eg_amqp_options;
struct eg_error;
struct eg_payload;
struct eg_publisher;

/* Initialise the first five members, and zero the others. */
struct eg_deadletters {
	const struct eg_amqp_options *broker;
	const char *name;   /* name of the dead-letter queue; it is declared if it does not exist */
	const char *origin; /* name of the queue that the messages come from */
	/* Called when the dead letter of p is safe. The receiver owns p. */
	void (*confirmed)(void *ctx, struct eg_payload *p);
	void *ctx;
	/* private: */
	struct eg_publisher *publisher; /* NULL until the first dead letter */
	struct eg_payload *first, *last; /* payloads that are not yet given to the publisher */
	const char *headers[6][2];      /* the last pair stays NULL */
};

/* Queues the dead letter of p. eg_deadletters_work publishes it. */
void eg_deadletters_add(struct eg_deadletters *d, struct eg_payload *p);

/* As eg_publisher_work: may connect, which takes a few seconds at most. */
int eg_deadletters_work(struct eg_deadletters *d, const struct pollfd *fd, struct eg_error *e);

/* As eg_publisher_poll. */
void eg_deadletters_poll(struct eg_deadletters *d, struct pollfd *fd, int64_t *due);

/* Whether every dead letter is confirmed. */
bool eg_deadletters_idle(const struct eg_deadletters *d);

/* As eg_publisher_away. */
int64_t eg_deadletters_away(const struct eg_deadletters *d);

/* Closes the connection. Frees the remaining payloads and their deliveries. */
void eg_deadletters_free(struct eg_deadletters *d);

#endif
