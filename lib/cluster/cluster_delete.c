/* SPDX-License-Identifier: MIT */
/* The verb delete. Each node deletes at once, or gets a hint if it has waiting hints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/stop.h"
#include "cluster/cluster.h"
#include "cluster/cluster_state.h"
#include "cluster/cluster_verbs.h"
#include "cluster/hints.h"
#include "cluster/identity.h"
#include "cluster/node_query.h"
#include "cluster/order.h"
#include "cluster/placement.h"
#include "record/record.h"

static const char *const delete_verb[] = { "delete", "-", NULL };

struct deletion {
	const struct eg_cluster *c;
	char **line; /* keys, each with a newline */
	uint64_t *holders;
	size_t n;
	int64_t order; /* order number of the deletion, the same for all stores */
	uint64_t done; /* set of nodes that have deleted */
	uint64_t hinted; /* set of nodes that need a hint */
};

static int
make_lines(struct deletion *d, char **key, struct eg_error *e)
{
	char q[EG_QUOTE_MAX];

	for (size_t i = 0; i < d->n; i++) {
		enum eg_fault fault = eg_key_check(key[i], strlen(key[i]));

		if (fault != EG_FAULT_NONE)
			return eg_fail(e, EG_USAGE, "%s is not a key sensor:timestamp: %s",
			    eg_quote(key[i], strlen(key[i]), q), eg_fault_text(fault));
		if (asprintf(&d->line[i], "%s\n", key[i]) < 0) {
			d->line[i] = NULL;
			return eg_fail(e, EG_BUG, "out of memory");
		}
		d->holders[i] = eg_place(d->c, key[i], strcspn(key[i], ":"));
	}
	return 0;
}

/* The keys for node i, one per line, after an order line. The caller frees the text. */
static char *
gather_keys(const struct deletion *d, size_t i, size_t *lines)
{
	size_t len = EG_ORDER_SIZE, n;
	char *text;

	for (size_t k = 0; k < d->n; k++)
		len += (d->holders[k] >> i & 1) != 0 ? strlen(d->line[k]) : 0;
	text = malloc(len + 1);
	*lines = 0;
	n = text != NULL ? eg_order_put(d->order, text) : 0;
	for (size_t k = 0; text != NULL && k < d->n; k++) {
		if ((d->holders[k] >> i & 1) == 0)
			continue;
		memcpy(text + n, d->line[k], strlen(d->line[k]));
		n += strlen(d->line[k]);
		++*lines;
	}
	if (text != NULL)
		text[n] = '\0';
	return text;
}

/* Deletes at node i at once. First runs the command with empty input, which creates the file of
 * a new node. */
static bool
delete_now(const struct eg_member *m, const char *text, int64_t timeout_ms)
{
	struct eg_node_query *a = malloc(sizeof(*a));
	struct eg_error e = { 0 };
	const char *line;
	size_t len;
	int rc = -1;

	if (a != NULL && eg_node_query_nothing(m, timeout_ms, &e) == 0 &&
	    eg_node_query_start(a, m, delete_verb, text, strlen(text), timeout_ms, &e) == 0) {
		while ((rc = eg_node_query_line(a, &line, &len, NULL, &e)) == 1)
			continue;
		eg_node_query_end(a);
	}
	free(a);
	if (rc != 0)
		eg_warn("%s; it gets the deletion by a hint", e.text);
	return rc == 0;
}

/* Deletes at node i. If that is impossible, marks the node for a hint: it has hints already, is
 * marked as failed, or does not answer now. */
static int
delete_on_nodes(struct deletion *d, size_t i, const struct eg_cluster_state *s,
    const struct eg_hints *h, const struct eg_cluster_options *v, struct eg_error *e)
{
	size_t lines;
	char *text = gather_keys(d, i, &lines);

	if (text == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (lines > 0 && d->c->node[i].kind != EG_MEMBER_STORE)
		eg_warn("node '%s' is not a store: nothing can be deleted there",
		    d->c->node[i].name);
	else if (lines > 0 && !eg_cluster_state_failed(s, d->c->node[i].name) &&
	    eg_hints_pending(h, i) == 0 && delete_now(&d->c->node[i], text, v->node_timeout_ms))
		d->done |= UINT64_C(1) << i;
	else if (lines > 0)
		d->hinted |= UINT64_C(1) << i;
	free(text);
	return 0;
}

static int
add_hint(const struct deletion *d, size_t i, struct eg_hints *h, struct eg_error *e)
{
	struct eg_hint hint = { .kind = EG_HINT_DELETIONS };
	size_t lines;
	char *text = gather_keys(d, i, &lines);
	int rc;

	if (text == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	hint.text = text;
	hint.len = strlen(text);
	hint.records = lines;
	rc = eg_hints_room(h, i, lines) ? eg_hints_add(h, i, &hint, e)
	    : eg_fail(e, EG_TEMPORARY, "node '%s' has as many hints as --hint-limit allows",
	        d->c->node[i].name);
	free(text);
	return rc;
}

/* Asks all nodes first and writes hints afterwards: a transaction that stays open while a node
 * answers would block the stage. */
static int
delete_everywhere(struct deletion *d, const struct eg_cluster_state *s, struct eg_hints *h,
    const struct eg_cluster_options *v, struct eg_error *e)
{
	for (size_t i = 0; i < d->c->n; i++)
		if (delete_on_nodes(d, i, s, h, v, e) != 0)
			return -1;
	for (uint64_t left = d->hinted; left != 0; left &= left - 1)
		if (add_hint(d, (size_t)__builtin_ctzll(left), h, e) != 0)
			return -1;
	return eg_hints_commit(h, e);
}

static int
judge_key(const struct deletion *d, struct eg_error *e)
{
	size_t missing = 0;

	for (size_t k = 0; k < d->n; k++)
		missing += (size_t)__builtin_popcountll(d->holders[k] & d->done) < d->c->quorum;
	if (missing > 0)
		eg_fail(e, EG_TEMPORARY,
		    "%zu of %zu deletions have no quorum yet; the other nodes get them by hints",
		    missing, d->n);
	return eg_report(e);
}

int
eg_cluster_delete(const struct eg_cluster *c, struct eg_cluster_state *s, char **key,
    size_t n, const struct eg_cluster_options *v)
{
	struct deletion d = { .c = c, .n = n };
	struct eg_order order = EG_ORDER_INIT(s->dir);
	struct eg_error e = { 0 };
	struct eg_hints *h = NULL;
	int status;

	d.line = calloc(n, sizeof(*d.line));
	d.holders = calloc(n, sizeof(*d.holders));
	if (d.line == NULL || d.holders == NULL)
		eg_fail(&e, EG_BUG, "out of memory");
	else if (make_lines(&d, key, &e) == 0 && eg_stop_install(&e) == 0 &&
	    eg_cluster_state_wait_delete(s, v->timeout_ms, &e) == 0 &&
	    eg_order_next(&order, &d.order, &e) == 0)
		h = eg_hints_open(s->dir, c, v->hint_limit, false, &e);
	status = h != NULL && delete_everywhere(&d, s, h, v, &e) == 0 &&
	    eg_identities_check(c, s, d.done, v->node_timeout_ms, &e) == 0
	    ? judge_key(&d, &e) : eg_report(&e);
	eg_hints_close(h);
	eg_order_close(&order);
	for (size_t k = 0; d.line != NULL && k < n; k++)
		free(d.line[k]);
	free(d.line);
	free(d.holders);
	return status;
}
