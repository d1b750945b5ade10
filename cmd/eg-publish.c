/* SPDX-License-Identifier: MIT */
/* Publish records to RabbitMQ.
 *
 * Reads records on standard input and writes each to standard output when the broker
 * has confirmed it: on disk for a durable queue, at a majority for a quorum queue.
 * What has no confirm when a connection is lost is published again, in order. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "amqp/amqp_options.h"
#include "amqp/publish.h"
#include "amqp/publisher.h"
#include "base/diag.h"
#include "base/options.h"

enum { OPT_BY_SENSOR = 256, OPT_EXCHANGE_TYPE, OPT_SINGLE_ACTIVE };

static const struct eg_option table[] = {
	{ 'b', "batch", "N", "pack up to N records into a message of lines (1: JSON)" },
	{ OPT_BY_SENSOR, "by-sensor", NULL, "the routing key is the record's sensor" },
	{ 'D', "declare", NULL, "declare queue and dead-letter queue, and exit" },
	{ OPT_EXCHANGE_TYPE, "exchange-type", "TYPE", "with --declare: declare the exchange too" },
	{ 'k', "routing-key", "KEY", "publish with this routing key (the queue's name)" },
	{ 'q', "queue", "NAME", "the queue (misurazioni)" },
	{ 'Q', "to", "NAME", "the same as --queue" },
	{ OPT_SINGLE_ACTIVE, "single-active", NULL, "with --declare: one consumer at a time" },
	{ 't', "queue-type", "TYPE", "with --declare: classic, quorum or stream (classic)" },
	{ 'w', "window", "N", "messages without a confirm at most (1000)" },
	{ 'x', "exchange", "NAME", "publish to this exchange (the default one)" },
	EG_AMQP_OPTIONS,
	{ 0, NULL, NULL, NULL },
};

struct options {
	struct eg_amqp_options broker;
	const char *queue, *exchange, *exchange_type, *key, *type;
	size_t batch, window;
	bool by_sensor, declare, single_active;
};

static void
parse(struct options *p, struct eg_options *o, int argc, char *argv[])
{
	int c;

	while ((c = eg_options_next(o, argc, argv)) != -1) {
		if (eg_amqp_options_take(&p->broker, c, optarg))
			continue;
		switch (c) {
		case 'b':
			p->batch = (size_t)eg_option_int("batch", 1, 100000);
			break;
		case OPT_BY_SENSOR:
			p->by_sensor = true;
			break;
		case 'D':
			p->declare = true;
			break;
		case OPT_EXCHANGE_TYPE:
			p->exchange_type = optarg;
			break;
		case OPT_SINGLE_ACTIVE:
			p->single_active = true;
			break;
		case 'k':
			p->key = optarg;
			break;
		case 'q':
		case 'Q':
			p->queue = optarg;
			break;
		case 't':
			p->type = optarg;
			break;
		case 'w':
			p->window = (size_t)eg_option_int("window", 1, 100000);
			break;
		case 'x':
			p->exchange = optarg;
			break;
		}
	}
	if (optind < argc)
		eg_usage("takes no operands");
}

static void
check(struct options *p)
{
	if (*p->queue == '\0' || strlen(p->queue) > 250)
		eg_usage("--queue: a name has 1 to 250 bytes");
	if (strlen(p->exchange) > 255 || (p->key != NULL && strlen(p->key) > 255))
		eg_usage("--exchange and --routing-key have at most 255 bytes");
	if (p->type != NULL && strcmp(p->type, "classic") != 0 && strcmp(p->type, "quorum") != 0 &&
	    strcmp(p->type, "stream") != 0)
		eg_usage("--queue-type: is none of classic, quorum, stream");
	if ((p->type != NULL || p->exchange_type != NULL || p->single_active) && !p->declare)
		eg_usage("--queue-type, --exchange-type and --single-active go with --declare");
	if (p->single_active && p->type != NULL && strcmp(p->type, "stream") == 0)
		eg_usage("--single-active: a stream has no such thing");
	if (p->exchange_type != NULL && *p->exchange == '\0')
		eg_usage("--exchange-type needs --exchange");
	if (p->by_sensor && p->declare)
		eg_usage("--declare binds with --routing-key, not --by-sensor");
	if (p->by_sensor && p->key != NULL)
		eg_usage("--by-sensor and --routing-key exclude each other");
	if ((p->by_sensor || p->key != NULL) && *p->exchange == '\0')
		eg_usage("--by-sensor and --routing-key need --exchange");
	if (p->key == NULL)
		p->key = p->queue;
	eg_amqp_options_finish(&p->broker);
}

static int
declare(const struct options *p, const struct eg_common *common)
{
	const char *type = p->type != NULL ? p->type : "classic";
	char dead[256 + 8];
	struct eg_queue queues[2] = {
		{ p->queue, type, p->single_active, p->exchange, p->exchange_type, p->key },
		{ dead, strcmp(type, "quorum") == 0 ? "quorum" : "classic", false, "", NULL, "" },
	};
	struct eg_error e = { 0 };

	snprintf(dead, sizeof(dead), "%s.dead", p->queue);
	if (eg_publisher_declare(&p->broker, queues, 2, common->timeout_ms, &e) != 0)
		return eg_report(&e);
	eg_info("queues '%s' (%s) and '%s' are there", p->queue, type, dead);
	return EG_OK;
}

static int
run(const struct options *p, const struct eg_common *common)
{
	struct eg_publish config = {
		.broker = &p->broker,
		.queue = p->queue,
		.exchange = p->exchange,
		.key = p->key,
		.by_sensor = p->by_sensor,
		.batch = p->batch,
		.window = p->window,
	};

	return eg_publish_run(&config, common);
}

int
main(int argc, char *argv[])
{
	struct options p = { .queue = "misurazioni", .exchange = "", .batch = 1, .window = 1000 };
	struct eg_options o = { .synopsis = "[options]",
		.purpose = "Publish records to RabbitMQ.", .table = table, .rejects = true,
		.peers = true };
	int status;

	eg_diag_init("eg-publish");
	eg_amqp_options_init(&p.broker);
	parse(&p, &o, argc, argv);
	check(&p);
	eg_amqp_options_limit(&p.broker, o.common.timeout_ms);
	status = p.declare ? declare(&p, &o.common) : run(&p, &o.common);
	eg_amqp_options_free(&p.broker);
	return status;
}
