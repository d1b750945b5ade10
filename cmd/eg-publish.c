/* SPDX-License-Identifier: MIT */
/* Publish records to RabbitMQ.
 *
 * Reads records from standard input, and writes each to standard output when the broker has
 * confirmed it: on disk for a durable queue, at a majority for a quorum queue. After a lost
 * connection, records without a confirm are published again, in order. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "amqp/amqp_options.h"
#include "amqp/partition.h"
#include "amqp/publish.h"
#include "amqp/publisher.h"
#include "base/diag.h"
#include "base/number.h"
#include "base/options.h"

struct settings {
	struct eg_amqp_options broker;
	const char *queue, *exchange, *exchange_type, *key;
	enum queue_type { CLASSIC, QUORUM, STREAM } type;
	size_t batch, window;
	uint32_t partitions;
	bool by_sensor, declare, single_active, super_stream;
};

#define INTO(type, m, ...) type(struct settings, m, __VA_ARGS__)
static const struct eg_option table[] = {
	{ 'b', "batch", "N", "pack up to N records into a message of lines (1: JSON)",
		INTO(EG_INT, batch, 1, 100000) },
	{ 0, "by-sensor", NULL, "the routing key is the record's sensor",
		EG_FLAG(struct settings, by_sensor) },
	{ 'D', "declare", NULL, "declare queue and dead-letter queue, and exit",
		EG_FLAG(struct settings, declare) },
	{ 0, "exchange-type", "TYPE", "with --declare: declare the exchange too",
		INTO(EG_AMQP_NAME, exchange_type, 1, 255) },
	{ 0, "partitions", "N", "the exchange is a super stream of N partitions",
		INTO(EG_INT, partitions, 1, EG_PARTITIONS_MAX) },
	{ 'k', "routing-key", "KEY", "publish with this routing key (the queue's name)",
		INTO(EG_AMQP_NAME, key, 0, 255) },
	{ 'q', "queue", "NAME", "the queue", INTO(EG_AMQP_NAME, queue, 1, 250), .preset = "misurazioni" },
	{ 'Q', "to", "NAME", "the same as --queue", INTO(EG_AMQP_NAME, queue, 1, 250) },
	{ 0, "single-active", NULL, "with --declare: one consumer at a time",
		EG_FLAG(struct settings, single_active) },
	{ 0, "super-stream", NULL, "the exchange is a super stream; ask the broker for its partitions",
		EG_FLAG(struct settings, super_stream) },
	{ 't', "queue-type", "TYPE", "with --declare: classic, quorum or stream",
		INTO(EG_CHOICE, type, "classic quorum stream"), .preset = "classic" },
	{ 'w', "window", "N", "at most N messages without a confirm", INTO(EG_INT, window, 1, 100000),
		.preset = "1000" },
	{ 'x', "exchange", "NAME", "publish to this exchange (the default one)",
		INTO(EG_AMQP_NAME, exchange, 0, 255) },
	EG_AMQP_OPTIONS(struct settings, broker),
	{ 0 },
};

static void
check_super_stream(const struct settings *p)
{
	int64_t n;

	if (p->type != STREAM)
		eg_usage("--exchange-type super-stream needs --queue-type stream");
	if (p->key == NULL || eg_int_parse(p->key, 0, EG_PARTITIONS_MAX - 1, &n) != EG_NUMBER_OK ||
	    !eg_is_digit(p->key[0]) || (p->key[0] == '0' && p->key[1] != '\0'))
		eg_usage("--exchange-type super-stream: --routing-key is the partition's number, "
		         "0 to %d", EG_PARTITIONS_MAX - 1);
}

static void
check_publish(struct settings *p, const struct eg_options *o)
{
	bool typed = eg_options_given(o, "queue-type");

	if ((typed || p->exchange_type != NULL || p->single_active) && !p->declare)
		eg_usage("--queue-type, --exchange-type and --single-active go with --declare");
	if (p->single_active && p->type == STREAM)
		eg_usage("--single-active does not go with --queue-type stream");
	if (p->exchange_type != NULL && *p->exchange == '\0')
		eg_usage("--exchange-type needs --exchange");
	if (p->by_sensor && p->declare)
		eg_usage("--declare binds with --routing-key, not --by-sensor");
	if (p->by_sensor && p->key != NULL)
		eg_usage("--by-sensor and --routing-key exclude each other");
	if (p->partitions > 0 && (p->declare || p->by_sensor || p->key != NULL))
		eg_usage("--partitions excludes --declare, --by-sensor and --routing-key");
	if (p->super_stream && (p->declare || p->by_sensor || p->key != NULL || p->partitions > 0))
		eg_usage("--super-stream excludes --declare, --by-sensor, --routing-key and --partitions");
	if ((p->partitions > 0 || p->super_stream) && *p->exchange == '\0')
		eg_usage("--partitions and --super-stream need --exchange");
	if (p->exchange_type != NULL && strcmp(p->exchange_type, EG_SUPER_STREAM) == 0)
		check_super_stream(p);
	if ((p->by_sensor || p->key != NULL) && *p->exchange == '\0')
		eg_usage("--by-sensor and --routing-key need --exchange");
	if (p->key == NULL)
		p->key = p->queue;
	eg_amqp_options_finish(&p->broker);
}

static int
declare(const struct settings *p, const struct eg_common *common)
{
	static const char *const types[] = { "classic", "quorum", "stream" };
	const char *type = types[p->type];
	char dead[256 + 8];
	struct eg_queue queues[2] = {
		{ .name = p->queue, .type = type, .single_active = p->single_active,
			.exchange = p->exchange, .exchange_type = p->exchange_type, .key = p->key,
			.dead = dead },
		{ .name = dead, .type = p->type == QUORUM ? "quorum" : "classic", .exchange = "" },
	};
	struct eg_error e = { 0 };

	snprintf(dead, sizeof(dead), "%s.dead", p->queue);
	if (eg_publisher_declare(&p->broker, queues, 2, common->timeout_ms, &e) != 0)
		return eg_report(&e);
	eg_info("queues '%s' (%s) and '%s' are there", p->queue, type, dead);
	return EG_OK;
}

static int
run_publish(const struct settings *p, const struct eg_common *common)
{
	struct eg_publish config = {
		.broker = &p->broker,
		.queue = p->queue,
		.exchange = p->exchange,
		.key = p->key,
		.by_sensor = p->by_sensor,
		.partitions = p->partitions,
		.super_stream = p->super_stream,
		.batch = p->batch,
		.window = p->window,
	};

	return eg_publish_run(&config, common);
}

int
main(int argc, char *argv[])
{
	struct settings p = { .exchange = "", .batch = 1 };
	struct eg_options o = { .synopsis = "[options]",
		.purpose = "Publish records to RabbitMQ.", .table = table, .settings = &p,
		.rejects = true, .peers = true, .listens = true };
	int status;

	eg_diag_init("eg-publish");
	eg_amqp_options_init(&p.broker);
	if (eg_options_parse(&o, argc, argv) < argc)
		eg_usage("takes no operands");
	check_publish(&p, &o);
	eg_amqp_options_limit(&p.broker, o.common.timeout_ms);
	status = p.declare ? declare(&p, &o.common) : run_publish(&p, &o.common);
	eg_amqp_options_free(&p.broker);
	return status;
}
