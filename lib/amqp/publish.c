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
	 * when its store is idle, and then waits for more. A bare loop is as slow with so few
	 * messages under way: by 40 % with 30 (1 MiB), by 20 % with 100 (4 MiB). 16 MiB are no faster
	 * than 8, which need 24 MB of memory. */
	INPUT_BYTES = 8 * 1024 * 1024,
	FDS_MAX = 8,           /* descriptors of the stage and of the publisher */
};

/* A message: n records of a batch, from `from` on. A batch is one message, until eg-split has
 * changed the number of partitions while it was on its way. */
struct piece {
	struct piece *next;
	struct eg_batch *batch;
	size_t from, n, bytes;
};

struct sink {
	const struct eg_publish *cfg;
	struct eg_publisher *publisher;
	struct pollfd polled;
	char json[EG_JSON_MAX];
	char partition[sizeof("4294967295")]; /* with partitions: the routing key */
	uint32_t partitions; /* 0: not by partitions */
	/* Pieces to send again, before any other, and where to insert the next. */
	struct piece *again, **place;
	char *joined; /* memory of piece_text */
};

/* The piece as one text. Its lines are contiguous in memory unless a line between them was
 * refused; then they are copied. */
static const char *
piece_text(struct sink *p, const struct piece *q)
{
	const struct eg_record *rec = &q->batch->rec[q->from], *last = &rec[q->n - 1];
	size_t n = 0;

	if (last->line + last->len + 1 == rec->line + q->bytes)
		return rec->line;
	for (size_t i = 0; i < q->n; i++) {
		memcpy(p->joined + n, rec[i].line, (size_t)rec[i].len + 1);
		n += (size_t)rec[i].len + 1;
	}
	return p->joined;
}

static uint32_t
partition_of(const struct sink *p, const struct eg_record *r)
{
	return eg_partition(r->line, r->sensor_len, p->partitions);
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
	if (p->partitions > 0) {
		snprintf(p->partition, sizeof(p->partition), "%u", (unsigned)partition_of(p, r));
		out->key = p->partition;
	}
	out->key_len = strlen(out->key);
}

static void
render_piece(void *ctx, void *item, struct eg_message_out *out)
{
	struct sink *p = ctx;
	const struct piece *q = item;
	const struct eg_record *first = &q->batch->rec[q->from];

	if (p->cfg->batch == 1) {
		out->type = EG_TYPE_JSON;
		out->body = p->json;
		out->len = eg_message_json(first, p->json);
	} else {
		out->type = EG_TYPE_LINES;
		out->body = piece_text(p, q);
		out->len = q->bytes;
	}
	set_key(p, first, out);
}

static void
confirmed(void *ctx, void *item)
{
	struct piece *q = item;
	size_t left = (size_t)(uintptr_t)q->batch->data - q->n;

	(void)ctx;
	q->batch->data = (void *)(uintptr_t)left;
	if (left == 0)
		eg_batch_done(q->batch);
	free(q);
}

static void
forgotten(void *ctx, void *item)
{
	(void)ctx;
	free(item);
}

static void
again(void *ctx, void *item)
{
	struct sink *p = ctx;
	struct piece *q = item;

	q->next = *p->place;
	*p->place = q;
	p->place = &q->next;
}

static int
set_partitions(void *ctx, uint32_t n, struct eg_error *e)
{
	struct sink *p = ctx;

	if (p->cfg->super_stream && n == 0)
		return eg_fail(e, EG_CONFIG, "exchange '%s' has no partition '%s-0': eg-split --stream "
		    "makes a super stream", p->cfg->exchange, p->cfg->exchange);
	if (!p->cfg->super_stream && n != 0 && n != p->cfg->partitions)
		return eg_fail(e, EG_CONFIG, "super stream '%s' has %u partitions, not %u as "
		    "--partitions says", p->cfg->exchange, (unsigned)n,
		    (unsigned)p->cfg->partitions);
	if (p->cfg->super_stream)
		p->partitions = n;
	return 0;
}

static bool
ready(void *self)
{
	const struct sink *p = self;

	return p->again == NULL && eg_publisher_ready(p->publisher);
}

/* Whether both records have the same routing key, by_sensor or with partitions. */
static bool
same_key(const struct sink *p, const struct eg_record *a, const struct eg_record *b)
{
	if (p->partitions > 0)
		return partition_of(p, a) == partition_of(p, b);
	return a->sensor_len == b->sensor_len && memcmp(a->line, b->line, a->sensor_len) == 0;
}

/* How many of the n records from rec on go into one message. */
static size_t
same_keys(const struct sink *p, const struct eg_record *rec, size_t n)
{
	size_t i = 1;

	if (!p->cfg->by_sensor && p->partitions == 0)
		return n;
	while (i < n && same_key(p, &rec[0], &rec[i]))
		i++;
	return i;
}

/* Sends a message of n records. */
static int
send_piece(struct sink *p, struct eg_batch *b, size_t from, size_t n, size_t bytes,
    struct eg_error *e)
{
	struct piece *q = malloc(sizeof(*q));

	if (q == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	*q = (struct piece){ .batch = b, .from = from, .n = n, .bytes = bytes };
	eg_publisher_send(p->publisher, q);
	return 0;
}

static int
send_batch(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct sink *p = self;
	size_t n = same_keys(p, b->rec, b->n);

	if (n < b->n)
		eg_batch_shorten(b, n);
	b->data = (void *)(uintptr_t)n;
	return send_piece(p, b, 0, n, b->bytes, e);
}

/* Sends the pieces that came back. With another number of partitions, the records of one may
 * belong to several. */
static int
send_again(struct sink *p, struct eg_error *e)
{
	while (p->again != NULL && eg_publisher_ready(p->publisher)) {
		struct piece *q = p->again;
		const struct eg_record *rec = &q->batch->rec[q->from];
		size_t n = same_keys(p, rec, q->n), bytes = 0;

		p->place = &p->again;
		for (size_t i = 0; i < n; i++)
			bytes += (size_t)rec[i].len + 1;
		if (send_piece(p, q->batch, q->from, n, bytes, e) != 0)
			return -1;
		q->from += n;
		q->n -= n;
		q->bytes -= bytes;
		if (q->n > 0)
			continue;
		p->again = q->next;
		free(q);
	}
	eg_publisher_flush(p->publisher);
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
	return rc != 0 ? rc : send_again(p, e);
}

static void
flush(void *self)
{
	eg_publisher_flush(((struct sink *)self)->publisher);
}

static int64_t
away(void *self)
{
	return eg_publisher_away(((struct sink *)self)->publisher);
}

static void
free_pieces(struct piece *first)
{
	while (first != NULL) {
		struct piece *next = first->next;

		free(first);
		first = next;
	}
}

int
eg_publish_run(const struct eg_publish *config, const struct eg_common *common)
{
	struct sink p = { .cfg = config, .polled.fd = -1, .partitions = config->partitions,
		.place = &p.again };
	bool numbered = config->partitions > 0 || config->super_stream;
	struct eg_publisher_config publisher = {
		.broker = config->broker,
		.exchange = config->exchange,
		.queue = *config->exchange == '\0' ? config->queue : NULL,
		.window = config->window,
		.render = render_piece,
		.confirmed = confirmed,
		.forgotten = forgotten,
		.again = numbered || config->by_sensor ? again : NULL,
		.partitions = numbered ? set_partitions : NULL,
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
		.flush = flush,
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
	free_pieces(p.again);
	free(p.joined);
	return status;
}
