/* SPDX-License-Identifier: MIT */
/* Take records from RabbitMQ, acknowledged when they are safe downstream.
 *
 * Runs a downstream as a child, feeds it the records of each message, and acknowledges
 * the message when the child has written them all back. What can never succeed goes to
 * the dead-letter queue first. Without a child, a write to standard output counts. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker.h"
#include "diag.h"
#include "handover.h"
#include "number.h"
#include "options.h"
#include "record.h"

static const struct eg_option table[] = {
	{ 'c', "count", "N", "end after N messages" },
	{ 'D', "dead-letter", "NAME", "the dead-letter queue (the queue's name and .dead)" },
	{ 'd', "drain", NULL, "end when the queue is empty" },
	{ 'g', "give-back", "DURATION", "hand back what has no receipt for so long (20m)" },
	{ 'o', "offset", "WHERE", "a stream: first, last, next, an offset or a time" },
	{ 'O', "offset-file", "FILE", "a stream: keep the offset in FILE, go on from there" },
	{ 'p', "prefetch", "N", "messages without an acknowledgement at most (300)" },
	{ 'q', "queue", "NAME", "the queue or stream (misurazioni)" },
	{ 'Q', "from", "NAME", "the same as --queue" },
	EG_BROKER_OPTIONS,
	{ 0, NULL, NULL, NULL },
};

static void
parse(struct eg_handover *c, struct eg_broker *b, struct eg_options *o, int argc, char *argv[])
{
	int opt;

	while ((opt = eg_options_next(o, argc, argv)) != -1) {
		if (eg_broker_option(b, opt, optarg))
			continue;
		switch (opt) {
		case 'c':
			c->count = (uint64_t)eg_option_int("count", 1, INT64_MAX);
			break;
		case 'D':
			c->dead = optarg;
			break;
		case 'd':
			c->drain = true;
			break;
		case 'g':
			c->give_back_ms = eg_option_duration("give-back", 100, 86400000);
			break;
		case 'o':
			c->offset = optarg;
			break;
		case 'O':
			c->offset_file = optarg;
			break;
		case 'p':
			c->prefetch = (unsigned)eg_option_int("prefetch", 1, 65535);
			break;
		case 'q':
		case 'Q':
			c->queue = optarg;
			break;
		}
	}
	/* getopt stops at `--` and at the first operand alike: both begin the command. */
	c->command = optind < argc ? argv + optind : NULL;
}

static void
check(const struct eg_handover *c)
{
	int64_t n;

	if (*c->queue == '\0' || strlen(c->queue) > 250)
		eg_usage("--queue: a name has 1 to 250 bytes");
	if (c->dead != NULL && (*c->dead == '\0' || strlen(c->dead) > 255))
		eg_usage("--dead-letter: a name has 1 to 255 bytes");
	if (c->dead != NULL && strcmp(c->dead, c->queue) == 0)
		eg_usage("--dead-letter: the queue itself would go round in circles");
	if (c->offset != NULL && strcmp(c->offset, "first") != 0 &&
	    strcmp(c->offset, "last") != 0 && strcmp(c->offset, "next") != 0 &&
	    eg_int_parse(c->offset, 0, INT64_MAX - 1, &n) != EG_NUMBER_OK &&
	    eg_time_parse(c->offset, strlen(c->offset), &n) != EG_FAULT_NONE)
		eg_usage("--offset: '%s' is none of first, last, next, a number, a time", c->offset);
}

int
main(int argc, char *argv[])
{
	struct eg_broker broker;
	struct eg_handover c = { .broker = &broker, .queue = "misurazioni", .prefetch = 300,
		.give_back_ms = 20 * 60 * 1000 };
	struct eg_options o = { .synopsis = "[options] [-- command [argument ...]]",
		.purpose = "Take records from RabbitMQ, acknowledged when they are safe downstream.",
		.table = table, .rejects = true, .peers = true };
	int status;

	eg_diag_init("eg-consume");
	eg_broker_init(&broker);
	parse(&c, &broker, &o, argc, argv);
	check(&c);
	eg_broker_finish(&broker);
	status = eg_handover_run(&c, &o.common);
	eg_broker_free(&broker);
	return status;
}
