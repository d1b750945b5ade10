/* SPDX-License-Identifier: MIT */
/* The state of a change; only for the files of the split. */
#ifndef EG_SPLIT_PARTS_H
#define EG_SPLIT_PARTS_H

#include "amqp/connection.h"
#include "amqp/marker.h"
#include "amqp/publisher.h"
#include "amqp/split.h"
#include "amqp/split_names.h"

/* A queue of a split, with the memory of its names. */
struct eg_split_member {
	struct eg_queue queue;
	char name[EG_SPLIT_NAME_SIZE], dead[EG_SPLIT_NAME_SIZE], hash[EG_SPLIT_NAME_SIZE], key[16];
};

/* Fills *m for queue number i, from 1. m must stay where it is. */
void eg_split_member(const struct eg_split *s, unsigned i, struct eg_split_member *m);

/* Declares the queues number first to last and their dead-letter queues. bind: binds the queues,
 * in their order; that counts, since each new binding takes its share from all others. Blocks as
 * eg_publisher_declare does. */
int eg_split_declare_queues(const struct eg_split *s, unsigned first, unsigned last, bool bind,
    struct eg_error *e);

/* Declares the exchange NAME, of a split of queues or of a super stream. -1 with EG_CONFIG if there
 * is one of another type, such as an earlier eg-split made; else fails as eg_connection_check does.
 * Blocks until the answer. */
int eg_split_declare_front(const struct eg_split *s, struct eg_connection *l, char text[256],
    struct eg_error *e);

/* For queues: binds the exchange NAME to NAME.hash, or with bind false cuts them off from each
 * other. Blocks until the answer; fails as eg_connection_check does. */
int eg_split_bind_front(const struct eg_split *s, struct eg_connection *l, bool bind,
    char text[256], struct eg_error *e);

/* The answers from one queue in one round. */
struct eg_split_answers {
	struct eg_answer answer[EG_SPLIT_READERS_MAX];
	unsigned n;
	bool idle; /* a queue without a message and without a consumer: nobody can answer */
};

struct eg_split_change {
	const struct eg_split *s;
	bool more;
	struct eg_connection connection;
	char gate[EG_SPLIT_NAME_SIZE], lock[EG_SPLIT_NAME_SIZE];
	bool begun; /* NAME.change may exist, so publishers may wait */
	/* The change as NAME.change holds it. */
	uint32_t before, after; /* numbers of queues */
	int64_t paused;         /* wall clock in ms when publishing paused; 0: not yet */
	bool switching;         /* the old queues are drained: only step 5 is left */
	bool undo;              /* put everything back */
	char why[320];          /* the reason of that */
	/* Rounds of markers. */
	unsigned run;           /* random, so that answers to an earlier run are not taken */
	unsigned round;
	struct eg_split_answers now[EG_PARTITIONS_MAX], last[EG_PARTITIONS_MAX];
};

/* Reads NAME.change. Returns 1, 0 if it does not exist, or -1, as eg_connection_check does; then
 * text is filled if *e is not. */
int eg_split_state_read(struct eg_split_change *c, char text[256], struct eg_error *e);

/* Adds a line to NAME.change, and waits until it is safe. */
int eg_split_state_write(struct eg_split_change *c, const char *line, char text[256],
    struct eg_error *e);

/* What a wait for consumers ended with. */
enum eg_split_wait {
	EG_SPLIT_LOST = -1, /* text is filled, or *e */
	EG_SPLIT_DONE,
	EG_SPLIT_GIVE_UP,   /* c->why is filled */
};

/* Waits until the consumers of each old queue have answered one marker, or with drained, until
 * everything before is safe. */
enum eg_split_wait eg_split_wait_answers(struct eg_split_change *c, bool drained, char text[256],
    struct eg_error *e);

#endif
