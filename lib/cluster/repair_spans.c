/* SPDX-License-Identifier: MIT */
/* Repairs spans of a sensor's day: who lacks what, and who has what it should not. */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "cluster/placement.h"
#include "cluster/repair.h"

/* What the nodes have of the spans, and what they shall get or lose. */
struct work {
	struct eg_repair *r;
	struct eg_sorted_lines records[EG_NODES_MAX], deletions[EG_NODES_MAX];
	struct eg_sorted_lines put[EG_NODES_MAX], bury[EG_NODES_MAX];
	struct eg_sorted_lines evict[EG_NODES_MAX], forget[EG_NODES_MAX];
	size_t at[EG_NODES_MAX], deleted_at[EG_NODES_MAX];
};

/* One key at all nodes. */
struct key {
	const struct eg_item *record[EG_NODES_MAX], *deletion[EG_NODES_MAX];
	uint64_t holders, records, deletions; /* nodes */
};

static const struct eg_item *
standing(const struct eg_sorted_lines *l, size_t at)
{
	return at < l->n ? &l->item[at] : NULL;
}

static const struct eg_item *
lesser(const struct eg_item *a, const struct eg_item *b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	return eg_item_compare(a, b) <= 0 ? a : b;
}

/* Gathers what all nodes have of the least key, and passes it. */
static bool
next_key(struct work *w, struct key *k)
{
	const struct eg_item *first = NULL;
	size_t n = w->r->c->n;

	for (size_t i = 0; i < n; i++) {
		first = lesser(first, standing(&w->records[i], w->at[i]));
		first = lesser(first, standing(&w->deletions[i], w->deleted_at[i]));
	}
	if (first == NULL)
		return false;
	*k = (struct key){ .holders = eg_place(w->r->c, first->line, first->key_len) };
	for (size_t i = 0; i < n; i++) {
		const struct eg_item *rec = standing(&w->records[i], w->at[i]);
		const struct eg_item *del = standing(&w->deletions[i], w->deleted_at[i]);

		if (rec != NULL && eg_item_compare(rec, first) == 0) {
			k->record[i] = rec;
			k->records |= UINT64_C(1) << i;
			w->at[i]++;
		}
		if (del != NULL && eg_item_compare(del, first) == 0) {
			k->deletion[i] = del;
			k->deletions |= UINT64_C(1) << i;
			w->deleted_at[i]++;
		}
	}
	return true;
}

static int
order(const struct eg_item *a, const struct eg_item *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int rc = memcmp(a->line, b->line, n);

	return rc != 0 ? rc : a->len < b->len ? -1 : a->len > b->len;
}

/* The record that most of these nodes have; of as many, the greater one. */
static const struct eg_item *
most(const struct key *k, uint64_t nodes)
{
	const struct eg_item *best = NULL;
	size_t best_votes = 0;

	for (uint64_t a = nodes; a != 0; a &= a - 1) {
		const struct eg_item *it = k->record[__builtin_ctzll(a)];
		size_t votes = 0;

		for (uint64_t b = nodes; b != 0; b &= b - 1)
			votes += order(it, k->record[__builtin_ctzll(b)]) == 0;
		if (best == NULL || votes > best_votes || (votes == best_votes && order(it, best) > 0)) {
			best = it;
			best_votes = votes;
		}
	}
	return best;
}

/* The deletion with the latest time: of the same key, so the greater text of digits. */
static const struct eg_item *
latest(const struct key *k, uint64_t nodes)
{
	const struct eg_item *best = NULL;

	for (uint64_t a = nodes; a != 0; a &= a - 1) {
		const struct eg_item *it = k->deletion[__builtin_ctzll(a)];

		if (best == NULL || it->len > best->len || (it->len == best->len && order(it, best) > 0))
			best = it;
	}
	return best;
}

static int
add(struct eg_sorted_lines lot[], uint64_t nodes, const struct eg_item *it, uint64_t *count)
{
	for (uint64_t left = nodes; left != 0; left &= left - 1) {
		if (eg_sorted_lines_add(&lot[__builtin_ctzll(left)], it->line, it->len, it->key_len, it->ns) != 0)
			return -1;
		++*count;
	}
	return 0;
}

/* What becomes of the key. A deletion beats records, but for those of which the store
 * itself says that they are younger; one left at a node that does not hold the sensor
 * any more says nothing against a record where it belongs. */
static int
decide(struct work *w, const struct key *k)
{
	struct eg_repair *r = w->r;
	uint64_t live = k->holders & r->nodes, records = k->records & live;
	uint64_t deletions = k->deletions & live;
	const struct eg_item *it;

	if (deletions == 0 && records == 0)
		deletions = k->deletions;
	if (records == 0)
		records = k->records;
	if (deletions != 0 && !(r->records_win && (k->records & live) != 0)) {
		it = latest(k, deletions);
		return add(w->bury, live & (~k->deletions | k->records), it, &r->buried);
	}
	if (records == 0)
		return 0;
	it = most(k, records);
	for (uint64_t left = live; left != 0; left &= left - 1) {
		size_t i = (size_t)__builtin_ctzll(left);
		bool has = k->record[i] != NULL && order(k->record[i], it) == 0;

		if (!has && add(w->put, UINT64_C(1) << i, it, &r->sent) != 0)
			return -1;
	}
	return 0;
}

/* What is misplaced goes, if all that should hold it take part, or at least take it. */
static int
misplaced(struct work *w, const struct key *k)
{
	struct eg_repair *r = w->r;
	uint64_t extra = (k->records | k->deletions) & ~k->holders & r->nodes;

	if (extra == 0)
		return 0;
	if ((k->holders & ~r->nodes & ~r->takers) != 0) {
		r->left += (uint64_t)__builtin_popcountll(extra);
		return 0;
	}
	if (k->deletions == 0 && (k->records & extra) != 0 &&
	    add(w->put, k->holders & r->takers, most(k, k->records & extra), &r->sent) != 0)
		return -1;
	for (; extra != 0; extra &= extra - 1) {
		size_t i = (size_t)__builtin_ctzll(extra);

		if (k->record[i] != NULL &&
		    add(w->evict, UINT64_C(1) << i, k->record[i], &r->evicted) != 0)
			return -1;
		if (k->deletion[i] != NULL &&
		    add(w->forget, UINT64_C(1) << i, k->deletion[i], &r->evicted) != 0)
			return -1;
	}
	return 0;
}

/* Reads what the nodes have of the spans. */
static int
load(struct work *w, size_t from, size_t to, struct eg_error *e)
{
	static const char *const records[] = { "range", "-", NULL };
	static const char *const deletions[] = { "range", "--deletions", "-", NULL };
	const struct eg_repair *r = w->r;

	for (uint64_t left = r->nodes; left != 0; left &= left - 1) {
		size_t i = (size_t)__builtin_ctzll(left);
		struct eg_sorted_lines spans = { 0 };
		int rc = 0;

		for (size_t k = from; k < to && rc == 0; k++)
			if ((r->span_nodes[k] >> i & 1) != 0)
				rc = eg_sorted_lines_add(&spans, r->spans.item[k].line, r->spans.item[k].len, 0, 0);
		if (rc != 0)
			eg_fail(e, EG_BUG, "out of memory");
		else if (spans.n > 0 && (rc = eg_repair_run(r, i, records, spans.text, spans.len,
			&w->records[i], e)) == 0)
			rc = eg_repair_run(r, i, deletions, spans.text, spans.len, &w->deletions[i], e);
		eg_sorted_lines_clear(&spans);
		if (rc != 0)
			return -1;
		eg_sorted_lines_sort(&w->records[i]);
		eg_sorted_lines_sort(&w->deletions[i]);
	}
	return 0;
}

static int
apply(const struct work *w, const struct eg_sorted_lines lot[], const char *const args[],
    struct eg_error *e)
{
	for (size_t i = 0; i < w->r->c->n; i++)
		if (lot[i].n > 0 &&
		    eg_repair_run(w->r, i, args, lot[i].text, lot[i].len, NULL, e) != 0)
			return -1;
	return 0;
}

/* First all is safe where it belongs, then it goes where it does not. */
static int
apply_all(const struct work *w, struct eg_error *e)
{
	static const char *const put[] = { NULL };
	static const char *const bury[] = { "delete", "--deletions", "-", NULL };
	static const char *const evict[] = { "evict", "-", NULL };
	static const char *const forget[] = { "evict", "--deletions", "-", NULL };

	if (apply(w, w->put, put, e) != 0 || apply(w, w->bury, bury, e) != 0 ||
	    apply(w, w->evict, evict, e) != 0)
		return -1;
	return apply(w, w->forget, forget, e);
}

int
eg_repair_spans(struct eg_repair *r, size_t from, size_t to, struct eg_error *e)
{
	struct work *w = calloc(1, sizeof(*w));
	struct key k;
	int rc = -1;

	if (w == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	w->r = r;
	if (load(w, from, to, e) == 0) {
		for (rc = 0; rc == 0 && next_key(w, &k);)
			rc = decide(w, &k) != 0 || misplaced(w, &k) != 0 ? -1 : 0;
		if (rc != 0)
			eg_fail(e, EG_BUG, "out of memory");
		else
			rc = apply_all(w, e);
	}
	for (size_t i = 0; i < r->c->n; i++) {
		eg_sorted_lines_clear(&w->records[i]);
		eg_sorted_lines_clear(&w->deletions[i]);
		eg_sorted_lines_clear(&w->put[i]);
		eg_sorted_lines_clear(&w->bury[i]);
		eg_sorted_lines_clear(&w->evict[i]);
		eg_sorted_lines_clear(&w->forget[i]);
	}
	free(w);
	return rc;
}
