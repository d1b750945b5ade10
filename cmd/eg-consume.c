/* SPDX-License-Identifier: MIT */
/* Take records from RabbitMQ, acknowledged when they are safe downstream.
 *
 * Runs a downstream as a child, writes the records of each message to it, and acknowledges
 * the message when the child has written them all back. What is refused for good is
 * published to the dead-letter queue before. Without a child, a record counts as safe when
 * it is written to standard output. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "amqp/amqp_options.h"
#include "amqp/consume.h"
#include "amqp/topology.h"
#include "base/diag.h"
#include "base/number.h"
#include "base/options.h"
#include "decode/decode.h"
#include "decode/decode_options.h"
#include "record/record.h"

static const struct eg_option table[] = {
	{ 'b', "bind", "EXCHANGE:PATTERN", "create the queue and bind it; can be given several times" },
	{ 'c', "count", "N", "end after N messages" },
	{ 'D', "dead-letter", "NAME", "the dead-letter queue (the queue's name and .dead)" },
	{ 'F', "decode", "FORMAT", "decode messages of devices, see eg-decode(1)" },
	{ 'd', "drain", NULL, "end when the queue is empty" },
	{ 'g', "give-back", "DURATION", "hand messages back that have no receipt for so long (20m)" },
	{ 'm', "max-message", "BYTES", "larger messages are dead letters (16777216)" },
	{ 'o', "offset", "WHERE", "a stream: first, last, next, an offset or a time" },
	{ 'O', "offset-file", "FILE", "a stream: keep the position in FILE, and go on from there" },
	{ 'p', "prefetch", "N", "messages without an acknowledgement at most (300)" },
	{ 'q', "queue", "NAME", "the queue or stream (misurazioni)" },
	{ 'Q', "from", "NAME", "the same as --queue" },
	EG_AMQP_OPTIONS,
	EG_DECODE_OPTIONS,
	{ 0, NULL, NULL, NULL },
};

enum { BINDINGS_MAX = 32, MIB = 1024 * 1024, MESSAGE_MAX = 512 * MIB };

/* What the options fill. */
struct said {
	struct eg_consume handover;
	struct eg_amqp_options broker;
	struct eg_binding binding[BINDINGS_MAX];
	struct eg_decode_config decode;
	bool decode_option;
};

/* The text is cut at its colon; a pattern may hold others. */
static void
add_binding(struct said *s, char *text)
{
	char *colon = strchr(text, ':');

	if (colon == NULL || colon == text || colon - text > 255 || strlen(colon + 1) > 255)
		eg_usage("--bind: '%s' is not EXCHANGE:PATTERN, as amq.topic:tele.*.SENSOR", text);
	if (s->handover.n_bindings == BINDINGS_MAX)
		eg_usage("--bind: at most %d of them", BINDINGS_MAX);
	*colon = '\0';
	s->binding[s->handover.n_bindings++] = (struct eg_binding){ text, colon + 1 };
}

static void
parse(struct said *s, struct eg_options *o, int argc, char *argv[])
{
	struct eg_consume *c = &s->handover;
	int opt;

	while ((opt = eg_options_next(o, argc, argv)) != -1) {
		if (eg_amqp_options_take(&s->broker, opt, optarg))
			continue;
		if (eg_decode_option(&s->decode, opt, optarg)) {
			s->decode_option = true;
			continue;
		}
		switch (opt) {
		case 'b':
			add_binding(s, optarg);
			break;
		case 'F':
			s->decode.format = optarg;
			break;
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
		case 'm':
			c->payload.max = (size_t)eg_option_int("max-message", 1, MESSAGE_MAX);
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
check(const struct said *s)
{
	const struct eg_consume *c = &s->handover;
	int64_t n;

	if (s->decode_option && s->decode.format == NULL)
		eg_usage("--now, --prefix, --sensor, --tz and the like need --decode");
	if (c->n_bindings > 0 && (c->offset != NULL || c->offset_file != NULL))
		eg_usage("--bind makes a queue, --offset reads a stream");
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
	static struct said s;
	struct eg_options o = { .synopsis = "[options] [-- command [argument ...]]",
		.purpose = "Take records from RabbitMQ, acknowledged when they are safe downstream.",
		.table = table, .rejects = true, .peers = true };
	struct eg_error e = { 0 };
	int status;

	eg_diag_init("eg-consume");
	eg_amqp_options_init(&s.broker);
	s.handover = (struct eg_consume){ .broker = &s.broker, .queue = "misurazioni",
		.prefetch = 300, .payload.max = 16 * MIB, .give_back_ms = 20 * 60 * 1000, .bindings = s.binding };
	parse(&s, &o, argc, argv);
	check(&s);
	if (s.decode.format != NULL &&
	    (s.handover.payload.decode = eg_decode_new(&s.decode, true, &e)) == NULL)
		return eg_report(&e);
	eg_amqp_options_finish(&s.broker);
	eg_amqp_options_limit(&s.broker, o.common.timeout_ms);
	status = eg_consume_run(&s.handover, &o.common);
	eg_amqp_options_free(&s.broker);
	eg_decode_free(s.handover.payload.decode);
	return status;
}
