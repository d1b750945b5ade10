/* SPDX-License-Identifier: MIT */
/* Publish records to RabbitMQ.
 *
 * Reads records on standard input and writes each to standard output when the broker
 * has confirmed it: on disk for a durable queue, at a majority for a quorum queue.
 * What has no confirm when a connection is lost is published again, in order. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "amqp/amqp_options.h"
#include "amqp/publisher.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "record/message.h"
#include "stage/stage.h"

enum { BODY_MAX = 120 * 1024, FDS_MAX = 8 };
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

struct publish {
	struct eg_amqp_options broker;
	const char *queue, *exchange, *exchange_type, *key, *type;
	size_t batch, window;
	bool by_sensor, declare, single_active;
	struct eg_publisher *publisher;
	struct pollfd polled;
	char json[EG_JSON_MAX];
	char *joined; /* lines of a batch that do not lie in one piece */
};

/* The lines of a batch stand one behind the other, but for those refused between. */
static const char *
lines_of(struct publish *p, const struct eg_batch *b)
{
	const struct eg_record *last = &b->rec[b->n - 1];
	size_t n = 0;

	if (last->line + last->len + 1 == b->rec[0].line + b->bytes)
		return b->rec[0].line;
	for (size_t i = 0; i < b->n; i++) {
		memcpy(p->joined + n, b->rec[i].line, (size_t)b->rec[i].len + 1);
		n += (size_t)b->rec[i].len + 1;
	}
	return p->joined;
}

static void
render(void *ctx, void *item, struct eg_message_out *out)
{
	struct publish *p = ctx;
	const struct eg_batch *b = item;

	if (p->batch == 1) {
		out->type = EG_TYPE_JSON;
		out->body = p->json;
		out->len = eg_message_json(&b->rec[0], p->json);
	} else {
		out->type = EG_TYPE_LINES;
		out->body = lines_of(p, b);
		out->len = b->bytes;
	}
	out->key = p->by_sensor ? b->rec[0].line : p->key;
	out->key_len = p->by_sensor ? b->rec[0].sensor_len : strlen(p->key);
}

static void
confirmed(void *ctx, void *item)
{
	(void)ctx;
	eg_batch_done(item);
}

static bool
ready(void *self)
{
	return eg_publisher_ready(((struct publish *)self)->publisher);
}

static int
send_batch(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct publish *p = self;
	size_t n = 1;

	(void)e;
	if (p->by_sensor && b->n > 1) {
		while (n < b->n && b->rec[n].sensor_len == b->rec[0].sensor_len &&
		    memcmp(b->rec[n].line, b->rec[0].line, b->rec[0].sensor_len) == 0)
			n++;
		if (n < b->n)
			eg_batch_shorten(b, n);
	}
	eg_publisher_send(p->publisher, b);
	return 0;
}

static int
wait_for(void *self, struct pollfd *fds, size_t n, int timeout_ms, struct eg_error *e)
{
	struct publish *p = self;
	int64_t now = eg_mono_ms(), due = timeout_ms < 0 ? INT64_MAX : now + timeout_ms;
	struct pollfd all[FDS_MAX];
	int64_t left;

	(void)e;
	memcpy(all, fds, n * sizeof(*fds));
	eg_publisher_poll(p->publisher, true, &all[n], &due);
	left = due - now;
	if (poll(all, n + 1, due == INT64_MAX ? -1 : left < 0 ? 0 : (int)left) < 0)
		for (size_t i = 0; i <= n; i++)
			all[i].revents = 0;
	memcpy(fds, all, n * sizeof(*fds));
	p->polled = all[n];
	return 0;
}

static int
work(void *self, struct eg_error *e)
{
	struct publish *p = self;
	int rc = eg_publisher_work(p->publisher, &p->polled, e);

	p->polled.fd = -1;
	return rc;
}

static int64_t
away(void *self)
{
	return eg_publisher_away(((struct publish *)self)->publisher);
}

static void
parse(struct publish *p, struct eg_options *o, int argc, char *argv[])
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
		eg_usage("'%s': takes no operand", argv[optind]);
}

static void
check(struct publish *p)
{
	if (*p->queue == '\0' || strlen(p->queue) > 250)
		eg_usage("--queue: a name has 1 to 250 bytes");
	if (strlen(p->exchange) > 255 || (p->key != NULL && strlen(p->key) > 255))
		eg_usage("--exchange and --routing-key have at most 255 bytes");
	if (p->type != NULL && strcmp(p->type, "classic") != 0 && strcmp(p->type, "quorum") != 0 &&
	    strcmp(p->type, "stream") != 0)
		eg_usage("--queue-type: '%s' is none of classic, quorum, stream", p->type);
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
declare(const struct publish *p, const struct eg_common *common)
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
run(struct publish *p, const struct eg_common *common)
{
	struct eg_publisher_config config = {
		.broker = &p->broker,
		.exchange = p->exchange,
		.queue = *p->exchange == '\0' ? p->queue : NULL,
		.window = p->window,
		.render = render,
		.confirmed = confirmed,
		.ctx = p,
	};
	struct eg_sink sink = { p, p->batch, BODY_MAX, p->window, ready, send_batch, wait_for, work,
		away };
	struct eg_error e = { 0 };
	int status;

	p->publisher = eg_publisher_new(&config, &e);
	p->joined = malloc(BODY_MAX + EG_LINE_MAX + 1);
	if (p->publisher == NULL || p->joined == NULL)
		return eg_report(&e);
	struct eg_metric extra[] = {
		{ "messages", "Messages published.", eg_publisher_messages(p->publisher), false },
		{ "repeats", "Messages published again after a loss.",
		    eg_publisher_repeats(p->publisher), false },
		{ "reconnects", "Connections made after a loss.",
		    eg_publisher_reconnects(p->publisher), false },
		{ NULL, NULL, NULL, false },
	};

	status = eg_stage_run(&sink, common, extra);
	eg_publisher_free(p->publisher);
	free(p->joined);
	return status;
}

int
main(int argc, char *argv[])
{
	struct publish p = { .queue = "misurazioni", .exchange = "", .batch = 1, .window = 1000,
		.polled.fd = -1 };
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
