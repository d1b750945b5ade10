/* SPDX-License-Identifier: MIT */
/* A batch in flight to several nodes: which nodes have settled it, and which records each node
 * has refused. */
#include "cluster/quorum_write.h"

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
holders(const struct eg_quorum_write *w, size_t i)
{
	return w->holders != NULL ? w->holders[i] : w->nodes;
}

/* Finds the nodes of each record, and the number of bytes and records for each node. */
static int
place_record(struct eg_quorum_write *w, size_t bytes[], uint64_t records[])
{
	const struct eg_batch *b = w->batch;

	if (w->cluster->copies == w->cluster->n) {
		w->nodes = eg_place(w->cluster, "", 0);
		return 0;
	}
	w->holders = malloc(b->n * sizeof(*w->holders));
	if (w->holders == NULL)
		return -1;
	for (size_t i = 0; i < b->n; i++) {
		const struct eg_record *r = &b->rec[i];

		w->holders[i] = i > 0 && same_sensor(r, r - 1) ? w->holders[i - 1]
		    : eg_place(w->cluster, r->line, r->sensor_len);
		w->nodes |= w->holders[i];
		for (uint64_t h = w->holders[i]; h != 0; h &= h - 1) {
			bytes[__builtin_ctzll(h)] += (size_t)r->len + 1;
			records[__builtin_ctzll(h)]++;
		}
	}
	return 0;
}

static struct eg_replica *
new_replica(struct eg_quorum_write *w, struct eg_node *n, struct eg_text *t, uint64_t records)
{
	struct eg_replica *s = t != NULL ? calloc(1, sizeof(*s)) : NULL;

	if (s == NULL)
		return NULL;
	s->text = t;
	s->node = n;
	s->write = w;
	s->kind = EG_HINT_RECORDS;
	s->records = records;
	return s;
}

/* Copies the lines for the nodes of the set. */
static void
copy_record(const struct eg_quorum_write *w, uint64_t nodes, char *to)
{
	const struct eg_batch *b = w->batch;
	const struct eg_record *last = &b->rec[b->n - 1];

	if (w->holders == NULL && last->line + last->len + 1 == b->rec[0].line + b->bytes) {
		memcpy(to, b->rec[0].line, b->bytes);
		return;
	}
	for (size_t i = 0; i < b->n; i++) {
		if ((holders(w, i) & nodes) == 0)
			continue;
		memcpy(to, b->rec[i].line, (size_t)b->rec[i].len + 1);
		to += b->rec[i].len + 1;
	}
}

/* Makes one text that all nodes share. */
static int
copy_to_all(struct eg_quorum_write *w, struct eg_node *node)
{
	struct eg_text *t = eg_text_new(w->order, w->batch->bytes);

	if (t == NULL)
		return -1;
	copy_record(w, w->nodes, t->bytes + t->head);
	for (size_t i = 0; i < w->cluster->n; i++) {
		w->replica[i] = new_replica(w, &node[i], t, w->batch->n);
		if (w->replica[i] == NULL)
			break;
		t->refs++;
	}
	eg_text_drop(t);
	return w->replica[w->cluster->n - 1] != NULL ? 0 : -1;
}

static int
split_batch(struct eg_quorum_write *w, struct eg_node *node, const size_t bytes[],
    const uint64_t records[])
{
	for (uint64_t left = w->nodes; left != 0; left &= left - 1) {
		int i = __builtin_ctzll(left);
		struct eg_text *t = eg_text_new(w->order, bytes[i]);

		w->replica[i] = new_replica(w, &node[i], t, records[i]);
		if (w->replica[i] == NULL) {
			eg_text_drop(t);
			return -1;
		}
		copy_record(w, UINT64_C(1) << i, t->bytes + t->head);
	}
	return 0;
}

struct eg_quorum_write *
eg_quorum_write_new(const struct eg_cluster *c, struct eg_batch *b, struct eg_node *node,
    int64_t order)
{
	struct eg_quorum_write *w = calloc(1, sizeof(*w));
	size_t bytes[EG_NODES_MAX] = { 0 };
	uint64_t records[EG_NODES_MAX] = { 0 };

	if (w == NULL)
		return NULL;
	w->cluster = c;
	w->batch = b;
	w->order = order;
	w->sent = eg_mono_ms();
	if (place_record(w, bytes, records) == 0 &&
	    (w->holders == NULL ? copy_to_all(w, node) : split_batch(w, node, bytes, records)) == 0)
		return w;
	for (size_t i = 0; i < c->n; i++)
		if (w->replica[i] != NULL)
			eg_replica_free(w->replica[i]);
	eg_quorum_write_free(w);
	return NULL;
}

void
eg_quorum_write_free(struct eg_quorum_write *w)
{
	free(w->holders);
	free(w->refused);
	free(w);
}

int
eg_quorum_write_refuse(struct eg_quorum_write *w, size_t node, size_t offset)
{
	const struct eg_batch *b = w->batch;
	size_t i, at = 0;

	if (w->refused == NULL && (w->refused = calloc(b->n, sizeof(*w->refused))) == NULL)
		return -1;
	for (i = 0; i < b->n; i++) {
		if ((holders(w, i) >> node & 1) == 0)
			continue;
		if (at == offset)
			break;
		at += (size_t)b->rec[i].len + 1;
	}
	if (i < b->n)
		w->refused[i] |= UINT64_C(1) << node;
	return 0;
}

/* Refuses record i; the message names the nodes that refused it. */
static void
refuse_record(const struct eg_quorum_write *w, size_t i)
{
	char text[300] = "refused by";
	size_t n = strlen(text);

	for (uint64_t left = w->refused != NULL ? w->refused[i] : 0;
	    left != 0 && n + 80 < sizeof(text); left &= left - 1)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " node '%s'",
		    w->cluster->node[__builtin_ctzll(left)].name);
	snprintf(text + n, sizeof(text) - n, ", so that there is no quorum");
	eg_batch_refuse(w->batch, i, text);
}

bool
eg_quorum_write_check(struct eg_quorum_write *w)
{
	size_t quorum = w->cluster->quorum;
	bool reached = true;

	w->touched = false;
	if (w->holders == NULL && w->refused == NULL)
		return (size_t)__builtin_popcountll(w->settled) >= quorum;
	for (size_t i = 0; i < w->batch->n; i++) {
		uint64_t willing = holders(w, i) & ~(w->refused != NULL ? w->refused[i] : 0);

		if ((size_t)__builtin_popcountll(willing) < quorum)
			refuse_record(w, i);
		else if ((size_t)__builtin_popcountll(willing & w->settled) < quorum)
			reached = false;
	}
	return reached;
}
