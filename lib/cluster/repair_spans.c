/* SPDX-License-Identifier: MIT */
/* Repairs sensor-days: reads them from all nodes, and sends the decided changes. */
#include <stdlib.h>

#include "base/diag.h"
#include "cluster/placement.h"
#include "cluster/repair_parts.h"

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

/* Collects the records and deletions of all nodes for the smallest key. Returns false if no key
 * is left. */
static bool
next_key(struct eg_repair_work *w, struct eg_repair_key *k)
{
	const struct eg_item *first = NULL;
	size_t n = w->r->c->n;

	for (size_t i = 0; i < n; i++) {
		first = lesser(first, standing(&w->records[i], w->at[i]));
		first = lesser(first, standing(&w->deletions[i], w->deleted_at[i]));
	}
	if (first == NULL)
		return false;
	*k = (struct eg_repair_key){ .holders = eg_place(w->r->c, first->line, first->key_len) };
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

/* Reads the records of node i in the spans, with times of writing if the node knows them. */
static int
load_records(struct eg_repair_work *w, size_t i, const struct eg_sorted_lines *spans,
    struct eg_error *e)
{
	static const char *const dated[] = { "range", "--written", "-", NULL };
	static const char *const plain[] = { "range", "-", NULL };
	struct eg_repair *r = w->r;
	struct eg_error why = { 0 };
	int status = 0;

	if ((r->undated >> i & 1) == 0) {
		if (eg_repair_run(r, i, dated, spans->text, spans->len, EG_FORM_DATED, &w->records[i],
			&status, &why) == 0)
			return 0;
		if (status != EG_USAGE)
			return eg_fail(e, why.status, "%s", why.text);
		eg_warn("node '%s' does not know when its values were written: its eg-store is older",
		    r->c->node[i].name);
		r->undated |= UINT64_C(1) << i;
	}
	return eg_repair_run(r, i, plain, spans->text, spans->len, EG_FORM_RECORDS, &w->records[i],
	    NULL, e);
}

/* Reads the records and deletions of the nodes in the spans. */
static int
read_spans(struct eg_repair_work *w, size_t from, size_t to, struct eg_error *e)
{
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
		else if (spans.n > 0 && (rc = load_records(w, i, &spans, e)) == 0)
			rc = eg_repair_run(r, i, deletions, spans.text, spans.len, EG_FORM_DELETIONS,
			    &w->deletions[i], NULL, e);
		eg_sorted_lines_clear(&spans);
		if (rc != 0)
			return -1;
		eg_sorted_lines_sort(&w->records[i]);
		eg_sorted_lines_sort(&w->deletions[i]);
	}
	return 0;
}

static int
apply(const struct eg_repair_work *w, const struct eg_sorted_lines lines[],
    const char *const args[], struct eg_error *e)
{
	for (size_t i = 0; i < w->r->c->n; i++)
		if (lines[i].n > 0 &&
		    eg_repair_run(w->r, i, args, lines[i].text, lines[i].len, EG_FORM_ECHO, NULL,
			NULL, e) != 0)
			return -1;
	return 0;
}

/* Writes to the holders first, and removes misplaced copies afterwards. */
static int
apply_all(const struct eg_repair_work *w, struct eg_error *e)
{
	static const char *const put[] = { NULL };
	static const char *const tombstone[] = { "delete", "--deletions", "-", NULL };
	static const char *const evict[] = { "evict", "-", NULL };
	static const char *const merge[] = { "merge", "-", NULL };
	static const char *const purge[] = { "evict", "--deletions", "-", NULL };

	if (apply(w, w->merge, merge, e) != 0 || apply(w, w->put, put, e) != 0 ||
	    apply(w, w->tombstones, tombstone, e) != 0 || apply(w, w->evict, evict, e) != 0)
		return -1;
	return apply(w, w->purge, purge, e);
}

int
eg_repair_spans(struct eg_repair *r, size_t from, size_t to, struct eg_error *e)
{
	struct eg_repair_work *w = calloc(1, sizeof(*w));
	struct eg_repair_key k;
	int rc = -1;

	if (w == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	w->r = r;
	if (read_spans(w, from, to, e) == 0) {
		for (rc = 0; rc == 0 && next_key(w, &k);)
			rc = eg_repair_decide(w, &k);
		if (rc != 0)
			eg_fail(e, EG_BUG, "out of memory");
		else
			rc = apply_all(w, e);
	}
	for (size_t i = 0; i < r->c->n; i++) {
		eg_sorted_lines_clear(&w->records[i]);
		eg_sorted_lines_clear(&w->deletions[i]);
		eg_sorted_lines_clear(&w->put[i]);
		eg_sorted_lines_clear(&w->merge[i]);
		eg_sorted_lines_clear(&w->tombstones[i]);
		eg_sorted_lines_clear(&w->evict[i]);
		eg_sorted_lines_clear(&w->purge[i]);
	}
	free(w);
	return rc;
}
