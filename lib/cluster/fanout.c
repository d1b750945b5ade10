/* SPDX-License-Identifier: MIT */
/* A batch in flight to several nodes: which nodes have settled it, and which records each node
 * has refused. */
#include "cluster/fanout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "cluster/cluster.h"
#include "cluster/placement.h"

static bool
same_sensor(const struct eg_record *a, const struct eg_record *b)
{
	return a->sensor_len == b->sensor_len && memcmp(a->line, b->line, a->sensor_len) == 0;
}

static uint64_t
holders(const struct eg_fanout *f, size_t i)
{
	return f->holders != NULL ? f->holders[i] : f->nodes;
}

/* Finds the nodes of each record, and the number of bytes and records for each node. */
static int
place_record(struct eg_fanout *f, size_t bytes[], uint64_t records[])
{
	const struct eg_batch *b = f->batch;

	if (f->cluster->copies == f->cluster->n) {
		f->nodes = eg_place(f->cluster, "", 0);
		return 0;
	}
	f->holders = malloc(b->n * sizeof(*f->holders));
	if (f->holders == NULL)
		return -1;
	for (size_t i = 0; i < b->n; i++) {
		const struct eg_record *r = &b->rec[i];

		f->holders[i] = i > 0 && same_sensor(r, r - 1) ? f->holders[i - 1]
		    : eg_place(f->cluster, r->line, r->sensor_len);
		f->nodes |= f->holders[i];
		for (uint64_t h = f->holders[i]; h != 0; h &= h - 1) {
			bytes[__builtin_ctzll(h)] += (size_t)r->len + 1;
			records[__builtin_ctzll(h)]++;
		}
	}
	return 0;
}

static struct eg_replica *
new_replica(struct eg_fanout *f, struct eg_node *n, struct eg_text *t, uint64_t records)
{
	struct eg_replica *s = t != NULL ? calloc(1, sizeof(*s)) : NULL;

	if (s == NULL)
		return NULL;
	s->text = t;
	s->node = n;
	s->fanout = f;
	s->kind = EG_HINT_RECORDS;
	s->records = records;
	return s;
}

/* Copies the lines for the nodes of the set. */
static void
copy_record(const struct eg_fanout *f, uint64_t nodes, char *to)
{
	const struct eg_batch *b = f->batch;
	const struct eg_record *last = &b->rec[b->n - 1];

	if (f->holders == NULL && last->line + last->len + 1 == b->rec[0].line + b->bytes) {
		memcpy(to, b->rec[0].line, b->bytes);
		return;
	}
	for (size_t i = 0; i < b->n; i++) {
		if ((holders(f, i) & nodes) == 0)
			continue;
		memcpy(to, b->rec[i].line, (size_t)b->rec[i].len + 1);
		to += b->rec[i].len + 1;
	}
}

/* Makes one text that all nodes share. */
static int
copy_to_all(struct eg_fanout *f, struct eg_node *node)
{
	struct eg_text *t = eg_text_new(f->order, f->batch->bytes);

	if (t == NULL)
		return -1;
	copy_record(f, f->nodes, t->bytes + t->head);
	for (size_t i = 0; i < f->cluster->n; i++) {
		f->replica[i] = new_replica(f, &node[i], t, f->batch->n);
		if (f->replica[i] == NULL)
			break;
		t->refs++;
	}
	eg_text_drop(t);
	return f->replica[f->cluster->n - 1] != NULL ? 0 : -1;
}

static int
split_batch(struct eg_fanout *f, struct eg_node *node, const size_t bytes[],
    const uint64_t records[])
{
	for (uint64_t left = f->nodes; left != 0; left &= left - 1) {
		int i = __builtin_ctzll(left);
		struct eg_text *t = eg_text_new(f->order, bytes[i]);

		f->replica[i] = new_replica(f, &node[i], t, records[i]);
		if (f->replica[i] == NULL) {
			eg_text_drop(t);
			return -1;
		}
		copy_record(f, UINT64_C(1) << i, t->bytes + t->head);
	}
	return 0;
}

struct eg_fanout *
eg_fanout_new(const struct eg_cluster *c, struct eg_batch *b, struct eg_node *node, int64_t order)
{
	struct eg_fanout *f = calloc(1, sizeof(*f));
	size_t bytes[EG_NODES_MAX] = { 0 };
	uint64_t records[EG_NODES_MAX] = { 0 };

	if (f == NULL)
		return NULL;
	f->cluster = c;
	f->batch = b;
	f->order = order;
	f->sent = eg_mono_ms();
	if (place_record(f, bytes, records) == 0 &&
	    (f->holders == NULL ? copy_to_all(f, node) : split_batch(f, node, bytes, records)) == 0)
		return f;
	for (size_t i = 0; i < c->n; i++)
		if (f->replica[i] != NULL)
			eg_replica_free(f->replica[i]);
	eg_fanout_free(f);
	return NULL;
}

void
eg_fanout_free(struct eg_fanout *f)
{
	free(f->holders);
	free(f->refused);
	free(f);
}

int
eg_fanout_refuse(struct eg_fanout *f, size_t node, size_t offset)
{
	const struct eg_batch *b = f->batch;
	size_t i, at = 0;

	if (f->refused == NULL && (f->refused = calloc(b->n, sizeof(*f->refused))) == NULL)
		return -1;
	for (i = 0; i < b->n; i++) {
		if ((holders(f, i) >> node & 1) == 0)
			continue;
		if (at == offset)
			break;
		at += (size_t)b->rec[i].len + 1;
	}
	if (i < b->n)
		f->refused[i] |= UINT64_C(1) << node;
	return 0;
}

/* Refuses record i; the message names the nodes that refused it. */
static void
refuse_record(const struct eg_fanout *f, size_t i)
{
	char text[300] = "refused by";
	size_t n = strlen(text);

	for (uint64_t left = f->refused != NULL ? f->refused[i] : 0;
	    left != 0 && n + 80 < sizeof(text); left &= left - 1)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " node '%s'",
		    f->cluster->node[__builtin_ctzll(left)].name);
	snprintf(text + n, sizeof(text) - n, ", so that there is no quorum");
	eg_batch_refuse(f->batch, i, text);
}

bool
eg_fanout_check(struct eg_fanout *f)
{
	size_t quorum = f->cluster->quorum;
	bool reached = true;

	f->touched = false;
	if (f->holders == NULL && f->refused == NULL)
		return (size_t)__builtin_popcountll(f->settled) >= quorum;
	for (size_t i = 0; i < f->batch->n; i++) {
		uint64_t willing = holders(f, i) & ~(f->refused != NULL ? f->refused[i] : 0);

		if ((size_t)__builtin_popcountll(willing) < quorum)
			refuse_record(f, i);
		else if ((size_t)__builtin_popcountll(willing & f->settled) < quorum)
			reached = false;
	}
	return reached;
}
