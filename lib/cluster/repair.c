/* SPDX-License-Identifier: MIT */
/* The verb repair: compares and repairs the nodes in rounds. */
#include "cluster/repair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/stop.h"
#include "cluster/cluster_state.h"
#include "cluster/cluster_verbs.h"
#include "cluster/hints.h"
#include "cluster/node_query.h"
#include "cluster/replicate.h"

/* Limits: sensors and (roughly) records in memory at one time; rounds; undecided keys that are
 * named in messages. */
enum { CHUNK_SENSORS = 1000, CHUNK_RECORDS = 500 * 1000, ROUNDS = 4, UNDECIDED_NAMED = 20 };

/* Sends waiting hints first, since they are newer than the records on the nodes. */
static int
deliver(const struct eg_cluster *c, struct eg_cluster_state *s, struct eg_hints *h,
    const struct eg_cluster_options *v, struct eg_error *e)
{
	struct eg_replicate_config cfg = { c, s, h, v->node_timeout_ms, v->lag_ms };
	struct eg_replicate *r = eg_replicate_new(&cfg, e);
	int rc = r != NULL ? eg_replicate_finish(r, e) : -1;

	eg_replicate_free(r);
	return rc;
}

/* Finds the stores that answer, before the stage is paused. The query also makes a new store
 * create its file. */
static void
find_stores(struct eg_repair *r, const struct eg_cluster_state *s)
{
	for (size_t i = 0; i < r->c->n && eg_stop_asked() == 0; i++) {
		const struct eg_member *m = &r->c->node[i];
		struct eg_error why = { 0 };

		if (m->kind != EG_MEMBER_STORE || eg_cluster_state_failed(s, m->name))
			continue;
		if (eg_node_query_nothing(m, r->timeout_ms, &why) == 0)
			r->nodes |= UINT64_C(1) << i;
		else
			eg_warn("%s; it takes no part", why.text);
	}
}

/* Finds the nodes that can take part, and warns about the others. */
static void
choose_nodes(struct eg_repair *r, const struct eg_cluster_state *s, const struct eg_hints *h)
{
	for (size_t i = 0; i < r->c->n; i++) {
		const struct eg_member *m = &r->c->node[i];
		uint64_t bit = UINT64_C(1) << i;

		if (eg_cluster_state_failed(s, m->name)) {
			eg_warn("node '%s' is failed by hand: it takes no part", m->name);
			r->nodes &= ~bit;
		} else if (eg_hints_pending(h, i) > 0) {
			eg_warn("node '%s' does not take the %llu records in its hints: it takes no part",
			    m->name, (unsigned long long)eg_hints_pending(h, i));
			r->nodes &= ~bit;
		} else if (m->kind != EG_MEMBER_STORE) {
			eg_warn("node '%s' is not a store: it cannot be compared", m->name);
			r->takers |= bit;
		}
	}
}

static int
compare_items(const void *a, const void *b)
{
	return eg_item_compare(a, b);
}

/* The number of records in the span on all nodes, from the digests. */
static uint64_t
weight(const struct eg_repair *r, size_t span)
{
	uint64_t sum = 1;

	for (uint64_t left = r->span_nodes[span]; left != 0; left &= left - 1) {
		const struct eg_sorted_lines *d = &r->digest[__builtin_ctzll(left)];
		const struct eg_item *it = bsearch(&r->spans.item[span], d->item, d->n,
		    sizeof(*d->item), compare_items);

		if (it != NULL)
			sum += strtoull(it->line + it->key_len + 1, NULL, 10);
	}
	return sum;
}

/* Repairs the spans, CHUNK_RECORDS at a time. */
static int
repair_spans(struct eg_repair *r, struct eg_error *e)
{
	size_t from = 0, to;

	for (; from < r->spans.n; from = to) {
		uint64_t sum = 0;

		for (to = from; to < r->spans.n && (to == from || sum < CHUNK_RECORDS); to++)
			sum += weight(r, to);
		if (eg_repair_spans(r, from, to, e) != 0)
			return -1;
	}
	return 0;
}

/* One round: compares all nodes and repairs them. *spans is the number of sensor-days that
 * differed. */
static int
round_of(struct eg_repair *r, size_t *spans, struct eg_error *e)
{
	*spans = 0;
	r->left = 0;
	eg_sorted_lines_clear(&r->undecided);
	if (eg_repair_sensors(r, e) != 0)
		return -1;
	for (size_t from = 0; from < r->sensors.n; from += CHUNK_SENSORS) {
		size_t to = r->sensors.n - from < CHUNK_SENSORS ? r->sensors.n : from + CHUNK_SENSORS;

		if (eg_repair_days(r, from, to, e) != 0)
			return -1;
		*spans += r->spans.n;
		if (repair_spans(r, e) != 0)
			return -1;
	}
	return 0;
}

static bool
is_complete(const struct eg_repair *r)
{
	for (size_t i = 0; i < r->c->n; i++)
		if (r->c->node[i].kind == EG_MEMBER_STORE && (r->nodes >> i & 1) == 0)
			return false;
	return true;
}

/* Reports the keys that were decided without times of writing, and names those that were not
 * decided. */
static void
report_undated(struct eg_repair *r)
{
	char q[EG_QUOTE_MAX];

	if (r->by_majority > 0)
		eg_warn("%llu keys had values without known dates: that of most nodes was kept",
		    (unsigned long long)r->by_majority);
	eg_sorted_lines_sort(&r->undecided);
	for (size_t i = 0; i < r->undecided.n && i < UNDECIDED_NAMED; i++)
		eg_warn("it is not known which value of %s is the newest",
		    eg_quote(r->undecided.item[i].line, r->undecided.item[i].len, q));
}

static int
repair(struct eg_repair *r, struct eg_hints *h, FILE *out, struct eg_error *e)
{
	uint64_t before = 0, strangers;
	size_t spans = 0;
	bool moved = true;

	for (int n = 0; n < ROUNDS && moved && eg_stop_asked() == 0; n++) {
		r->records_win = n > 0;
		if (round_of(r, &spans, e) != 0)
			return -1;
		moved = r->sent + r->tombstones + r->evicted > before;
		before = r->sent + r->tombstones + r->evicted;
	}
	fprintf(out,
	    "%d nodes compared; %llu records and %llu deletions sent, %llu misplaced removed\n",
	    __builtin_popcountll(r->nodes), (unsigned long long)r->sent,
	    (unsigned long long)r->tombstones, (unsigned long long)r->evicted);
	report_undated(r);
	if (eg_stop_asked() > 0)
		return eg_fail(e, EG_TEMPORARY, "ended by a signal");
	if (!is_complete(r))
		return eg_fail(e, EG_TEMPORARY, "not all nodes took part; run it again when they are back");
	if (r->left > 0)
		return eg_fail(e, EG_TEMPORARY, "%llu misplaced records stay, since not all nodes that "
		    "should hold them took part", (unsigned long long)r->left);
	if (r->undecided.n > 0)
		return eg_fail(e, EG_REFUSED, "%zu keys have values that cannot be ordered, and are left "
		    "as they are; write the right ones again, or repair with --majority", r->undecided.n);
	if (spans > 0)
		return eg_fail(e, EG_TEMPORARY, "%zu sensor-days still differ: something else writes "
		    "to the nodes", spans);
	return eg_hints_strangers(h, true, &strangers, e);
}

int
eg_cluster_repair(const struct eg_cluster *c, struct eg_cluster_state *s,
    const struct eg_cluster_options *v)
{
	struct eg_repair *r = calloc(1, sizeof(*r));
	struct eg_error e = { 0 };
	struct eg_hints *h = NULL;
	bool paused = false;

	if (r == NULL) {
		eg_fail(&e, EG_BUG, "out of memory");
		return eg_report(&e);
	}
	*r = (struct eg_repair){ .c = c, .timeout_ms = v->node_timeout_ms,
		.majority = v->majority };
	if (eg_stop_install(&e) == 0)
		find_stores(r, s);
	/* A paused stage has the hints database open, so the file must not be replaced. */
	if (e.status == EG_OK &&
	    eg_cluster_state_wait_repair(s, v->timeout_ms, v->node_timeout_ms, &paused, &e) == 0)
		h = eg_hints_open(s->dir, c, v->hint_limit, !paused, &e);
	if (h != NULL && deliver(c, s, h, v, &e) == 0) {
		choose_nodes(r, s, h);
		repair(r, h, v->out, &e);
		eg_repair_clear(r);
	}
	free(r);
	eg_hints_close(h);
	return eg_report(&e);
}
