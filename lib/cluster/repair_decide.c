/* SPDX-License-Identifier: MIT */
/* Decides which record or deletion of a key wins, and which changes each node needs. */
#include <string.h>

#include "cluster/repair_parts.h"
#include "record/record.h"

/* The winner: a record or a deletion. If both are NULL, nothing changes. */
struct verdict {
	const struct eg_item *record, *deletion;
	bool dated; /* the record was chosen by its time of writing */
};

/* Compares two records as memcmp(3) does, without their times of writing. */
static int
order(const struct eg_item *a, const struct eg_item *b)
{
	size_t n = a->record_len < b->record_len ? a->record_len : b->record_len;
	int rc = memcmp(a->line, b->line, n);

	return rc != 0 ? rc : a->record_len < b->record_len ? -1 : a->record_len > b->record_len;
}

/* The record that most of these nodes have; *votes is the number of nodes. In a tie the greater
 * text wins. */
static const struct eg_item *
most(const struct eg_repair_key *k, uint64_t nodes, size_t *votes)
{
	const struct eg_item *best = NULL;

	*votes = 0;
	for (uint64_t a = nodes; a != 0; a &= a - 1) {
		const struct eg_item *it = k->record[__builtin_ctzll(a)];
		size_t n = 0;

		for (uint64_t b = nodes; b != 0; b &= b - 1)
			n += order(it, k->record[__builtin_ctzll(b)]) == 0;
		if (best == NULL || n > *votes || (n == *votes && order(it, best) > 0)) {
			best = it;
			*votes = n;
		}
	}
	return best;
}

/* The record with the latest time of writing. In a tie the greater text wins, so that the choice
 * is always the same. */
static const struct eg_item *
newest(const struct eg_repair_key *k, uint64_t nodes)
{
	const struct eg_item *best = NULL;

	for (; nodes != 0; nodes &= nodes - 1) {
		const struct eg_item *it = k->record[__builtin_ctzll(nodes)];

		if (best == NULL || it->when > best->when ||
		    (it->when == best->when && order(it, best) > 0))
			best = it;
	}
	return best;
}

static const struct eg_item *
latest_deletion(const struct eg_repair_key *k, uint64_t nodes)
{
	const struct eg_item *best = NULL;

	for (; nodes != 0; nodes &= nodes - 1) {
		const struct eg_item *it = k->deletion[__builtin_ctzll(nodes)];

		if (best == NULL || it->when > best->when)
			best = it;
	}
	return best;
}

static bool
all_dated(const struct eg_repair_key *k)
{
	for (uint64_t left = k->records; left != 0; left &= left - 1)
		if (k->record[__builtin_ctzll(left)]->when == 0)
			return false;
	return true;
}

/* Decides without times of writing. If a quorum is more than half of the copies and all holders
 * are compared, the record that a quorum has is the one acknowledged last. Returns false if
 * undecided. */
static bool
by_votes(struct eg_repair *r, const struct eg_repair_key *k, uint64_t records, struct verdict *v)
{
	size_t votes;

	v->record = most(k, records, &votes);
	if (votes == (size_t)__builtin_popcountll(records))
		return true;
	if (!r->majority && (2 * r->c->quorum <= r->c->copies || votes < r->c->quorum ||
	    (k->holders & ~r->nodes) != 0))
		return false;
	r->by_majority++;
	return true;
}

/* Without times of writing a deletion wins over records, unless a store has ignored it because
 * its record is newer. A deletion on a node that no longer holds the sensor does not win over a
 * record on a holder. */
static bool
judge_undated(struct eg_repair *r, const struct eg_repair_key *k, struct verdict *v)
{
	uint64_t live = k->holders & r->nodes, records = k->records & live;
	uint64_t deletions = k->deletions & live;

	if (deletions == 0 && records == 0)
		deletions = k->deletions;
	if (deletions != 0 && !(r->records_win && records != 0)) {
		v->deletion = latest_deletion(k, deletions);
		return true;
	}
	return by_votes(r, k, records != 0 ? records : k->records, v);
}

/* With times of writing, the latest record or deletion of all nodes wins. Returns false if
 * undecided. */
static bool
judge_record(struct eg_repair *r, const struct eg_repair_key *k, struct verdict *v)
{
	*v = (struct verdict){ .dated = all_dated(k) };
	if (!v->dated)
		return judge_undated(r, k, v);
	v->record = newest(k, k->records);
	v->deletion = latest_deletion(k, k->deletions);
	if (v->record != NULL && v->deletion != NULL) {
		if (v->deletion->when > v->record->when)
			v->record = NULL;
		else
			v->deletion = NULL;
	}
	return true;
}

/* Adds the first len bytes of the line to the lists of these nodes. */
static int
add_change(struct eg_sorted_lines lines[], uint64_t nodes, const struct eg_item *it, size_t len,
    uint64_t *count)
{
	for (; nodes != 0; nodes &= nodes - 1) {
		if (eg_sorted_lines_add(&lines[__builtin_ctzll(nodes)], it->line, len, it->key_len,
		    it->ns) != 0)
			return -1;
		++*count;
	}
	return 0;
}

/* Sends the winner to the holders that lack it. A record with a time of writing is merged by
 * that time. Any other is written as a new record, so that it replaces the one on the node. */
static int
send_to_holders(struct eg_repair_work *w, const struct eg_repair_key *k, const struct verdict *v)
{
	struct eg_repair *r = w->r;
	uint64_t live = k->holders & r->nodes, lack = 0, dated;

	if (v->deletion != NULL)
		return add_change(w->tombstones, live & (~k->deletions | k->records), v->deletion,
		    v->deletion->len, &r->tombstones);
	if (v->record == NULL)
		return 0;
	for (uint64_t left = live; left != 0; left &= left - 1) {
		const struct eg_item *has = k->record[__builtin_ctzll(left)];

		if (has == NULL || order(has, v->record) != 0)
			lack |= left & -left;
	}
	dated = v->dated ? lack & ~r->undated : 0;
	return add_change(w->merge, dated, v->record, v->record->len, &r->sent) != 0 ? -1
	    : add_change(w->put, lack & ~dated, v->record, v->record->record_len, &r->sent);
}

/* Removes misplaced copies, provided that each holder takes part in the repair or at least
 * accepts records. */
static int
remove_misplaced(struct eg_repair_work *w, const struct eg_repair_key *k, const struct verdict *v)
{
	struct eg_repair *r = w->r;
	uint64_t extra = (k->records | k->deletions) & ~k->holders & r->nodes;

	if (extra == 0)
		return 0;
	if ((k->holders & ~r->nodes & ~r->takers) != 0) {
		r->left += (uint64_t)__builtin_popcountll(extra);
		return 0;
	}
	if (v->record != NULL && (k->records & extra) != 0 &&
	    add_change(w->put, k->holders & r->takers, v->record, v->record->record_len, &r->sent) != 0)
		return -1;
	for (; extra != 0; extra &= extra - 1) {
		const struct eg_item *rec = k->record[__builtin_ctzll(extra)];
		const struct eg_item *del = k->deletion[__builtin_ctzll(extra)];

		if (rec != NULL &&
		    add_change(w->evict, extra & -extra, rec, rec->record_len, &r->evicted) != 0)
			return -1;
		if (del != NULL && add_change(w->purge, extra & -extra, del, del->len, &r->evicted) != 0)
			return -1;
	}
	return 0;
}

/* Lists the key as undecided, and changes nothing. */
static int
leave(struct eg_repair *r, const struct eg_repair_key *k)
{
	const struct eg_item *it = k->record[__builtin_ctzll(k->records)];

	return eg_sorted_lines_add(&r->undecided, it->line, eg_record_key_len(it->line, it->record_len),
	    it->key_len, it->ns);
}

int
eg_repair_decide(struct eg_repair_work *w, const struct eg_repair_key *k)
{
	struct verdict v;

	if (!judge_record(w->r, k, &v))
		return leave(w->r, k);
	return send_to_holders(w, k, &v) != 0 ? -1 : remove_misplaced(w, k, &v);
}
