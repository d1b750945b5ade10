/* SPDX-License-Identifier: MIT */
/* RabbitMQ as a sink (stage/stage.h). A batch of records becomes a message, and is safe when the
 * broker has confirmed it. */
#include "amqp/publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amqp/partition.h"
#include "amqp/publisher.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/wait.h"
#include "record/message.h"
#include "stage/stage.h"

enum {
	BODY_MAX = 120 * 1024, /* size of the lines in a message, in bytes */
	/* Input that may be pending with batches. A classic queue of RabbitMQ 3.10 confirms in groups
	 * when its store is idle. With 2 MiB (60 messages of 1,000 records) it then waits for more:
	 * 10 % slower. 8 MiB are no faster. */
	INPUT_BYTES = 4 * 1024 * 1024,
	FDS_MAX = 8,           /* descriptors of the stage and of the publisher */
};

struct sink {
	const struct eg_publish *cfg;
	struct eg_publisher *publisher;
	struct pollfd polled;
	char json[EG_JSON_MAX];
	char partition[sizeof("4294967295")]; /* with partitions: the routing key */
	char *joined; /* memory of lines_of */
};

/* The batch as one text. Its lines are contiguous in memory unless a line between them was
 * refused; then they are copied. */
static const char *
batch_text(struct sink *p, const struct eg_batch *b)
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

static uint32_t
partition_of(const struct sink *p, const struct eg_record *r)
{
	return eg_partition(r->line, r->sensor_len, p->cfg->partitions);
}

static void
set_key(struct sink *p, const struct eg_record *r, struct eg_message_out *out)
{
	if (p->cfg->by_sensor) {
		out->key = r->line;
		out->key_len = r->sensor_len;
		return;
	}
	out->key = p->cfg->key;
	if (p->cfg->partitions > 0) {
		snprintf(p->partition, sizeof(p->partition), "%u", (unsigned)partition_of(p, r));
		out->key = p->partition;
	}
	out->key_len = strlen(out->key);
}

static void
render_batch(void *ctx, void *item, struct eg_message_out *out)
{
	struct sink *p = ctx;
	const struct eg_batch *b = item;

	if (p->cfg->batch == 1) {
		out->type = EG_TYPE_JSON;
		out->body = p->json;
		out->len = eg_message_json(&b->rec[0], p->json);
	} else {
		out->type = EG_TYPE_LINES;
		out->body = batch_text(p, b);
		out->len = b->bytes;
	}
	set_key(p, &b->rec[0], out);
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
	return eg_publisher_ready(((struct sink *)self)->publisher);
}

/* Whether both records have the same routing key, by_sensor or with partitions. */
static bool
same_key(const struct sink *p, const struct eg_record *a, const struct eg_record *b)
{
	if (p->cfg->partitions > 0)
		return partition_of(p, a) == partition_of(p, b);
	return a->sensor_len == b->sensor_len && memcmp(a->line, b->line, a->sensor_len) == 0;
}

static int
send_batch(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct sink *p = self;
	size_t n = 1;

	(void)e;
	if (p->cfg->by_sensor || p->cfg->partitions > 0) {
		while (n < b->n && same_key(p, &b->rec[0], &b->rec[n]))
			n++;
		if (n < b->n)
			eg_batch_shorten(b, n);
	}
	eg_publisher_send(p->publisher, b);
	return 0;
}

static int
wait_for(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e)
{
	struct sink *p = self;
	struct pollfd all[FDS_MAX];

	(void)e;
	memcpy(all, fds, n * sizeof(*fds));
	eg_publisher_poll(p->publisher, true, &all[n], &due);
	(void)eg_wait_fds(all, n + 1, due);
	memcpy(fds, all, n * sizeof(*fds));
	p->polled = all[n];
	return 0;
}

static int
work(void *self, struct eg_error *e)
{
	struct sink *p = self;
	int rc = eg_publisher_work(p->publisher, &p->polled, e);

	p->polled.fd = -1;
	return rc;
}

static int64_t
away(void *self)
{
	return eg_publisher_away(((struct sink *)self)->publisher);
}

int
eg_publish_run(const struct eg_publish *config, const struct eg_common *common)
{
	struct sink p = { .cfg = config, .polled.fd = -1 };
	struct eg_publisher_config publisher = {
		.broker = config->broker,
		.exchange = config->exchange,
		.queue = *config->exchange == '\0' ? config->queue : NULL,
		.window = config->window,
		.render = render_batch,
		.confirmed = confirmed,
		.ctx = &p,
	};
	struct eg_sink sink = {
		.self = &p,
		.batch_records = config->batch,
		.batch_bytes = BODY_MAX,
		.flights = config->window,
		.input_bytes = config->batch > 1 ? INPUT_BYTES : 0,
		.ready = ready,
		.send = send_batch,
		.wait = wait_for,
		.work = work,
		.away = away,
	};
	struct eg_error e = { 0 };
	int status = EG_BUG;

	p.publisher = eg_publisher_new(&publisher, &e);
	p.joined = malloc(BODY_MAX + EG_LINE_MAX + 1);
	if (p.publisher != NULL && p.joined != NULL) {
		const struct eg_publisher_counts *counts = eg_publisher_counts(p.publisher);
		struct eg_metric extra[] = {
			{ "messages", "Messages published.", &counts->messages, false },
			{ "repeats", "Messages published again after a loss.",
			    &counts->repeats, false },
			{ "reconnects", "Connections made after a loss.",
			    counts->reconnects, false },
			{ NULL, NULL, NULL, false },
		};

		status = eg_stage_run(&sink, common, extra);
	} else {
		eg_fail(&e, EG_BUG, "out of memory");
		eg_report(&e);
	}
	eg_publisher_free(p.publisher);
	free(p.joined);
	return status;
}
