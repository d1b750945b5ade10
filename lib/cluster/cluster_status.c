/* SPDX-License-Identifier: MIT */
/* The verb status: which nodes answer, and how many records wait for each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "cluster/cluster.h"
#include "cluster/cluster_state.h"
#include "cluster/cluster_verbs.h"
#include "cluster/hints.h"
#include "cluster/identity.h"
#include "cluster/node_query.h"
#include "record/json_text.h"

enum { PROBE_MS = 5000 };

struct found {
	const char *state;
	uint64_t behind;
	char error[400];
};

/* Sets whether the node is up: a command that works prints nothing and ends with 0 when its
 * input is empty. */
static void
probe(struct eg_node_query *a, struct found *f)
{
	struct eg_error e = { 0 };
	const char *line;
	size_t len;
	char q[EG_QUOTE_MAX];
	int rc = eg_node_query_line(a, &line, &len, NULL, &e);

	f->state = rc == 0 ? "up" : "down";
	if (rc == 1)
		snprintf(f->error, sizeof(f->error), "printed %s, although its input was empty",
		    eg_quote(line, len, q));
	else if (rc < 0)
		snprintf(f->error, sizeof(f->error), "%s", e.text);
	eg_node_query_end(a);
}

/* Checks all nodes at the same time, so that several hanging ones cost only one time limit. */
static int
probe_all(const struct eg_cluster *c, const struct eg_cluster_state *s,
    const struct eg_cluster_options *v, struct found f[])
{
	static const char *const nothing[] = { NULL };
	int64_t timeout = v->node_timeout_ms < PROBE_MS ? v->node_timeout_ms : PROBE_MS;
	struct eg_node_query *a = calloc(EG_NODES_MAX, sizeof(*a));

	if (a == NULL)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		struct eg_error e = { 0 };

		f[i].state = NULL;
		if (eg_cluster_state_failed(s, c->node[i].name))
			f[i].state = "failed";
		else if (eg_node_query_start(&a[i], &c->node[i], nothing, NULL, 0, timeout, &e) != 0) {
			f[i].state = "down";
			snprintf(f[i].error, sizeof(f[i].error), "%s", e.text);
		}
	}
	for (size_t i = 0; i < c->n; i++)
		if (f[i].state == NULL)
			probe(&a[i], &f[i]);
	for (size_t i = 0; i < c->n; i++)
		if (f[i].behind > 0 && strcmp(f[i].state, "up") == 0)
			f[i].state = "behind";
	free(a);
	return 0;
}

static void
print_json(const struct eg_cluster *c, const struct found f[], bool stage, FILE *out)
{
	fprintf(out, "{\"cluster\":");
	eg_jsontext_put(out, c->path, strlen(c->path));
	fprintf(out, ",\"strategy\":\"%s\",\"copies\":%zu,\"quorum\":%zu,\"stage\":%s,\"nodes\":[",
	    c->strategy == EG_RING ? "ring" : "full", c->copies, c->quorum,
	    stage ? "true" : "false");
	for (size_t i = 0; i < c->n; i++) {
		fprintf(out, "%s{\"name\":\"%s\",\"state\":\"%s\",\"behind\":%llu,\"error\":",
		    i > 0 ? "," : "", c->node[i].name, f[i].state, (unsigned long long)f[i].behind);
		if (*f[i].error != '\0')
			eg_jsontext_put(out, f[i].error, strlen(f[i].error));
		else
			fprintf(out, "null");
		putc('}', out);
	}
	fprintf(out, "]}\n");
}

static void
print_text(const struct eg_cluster *c, const struct found f[], bool stage, FILE *out)
{
	fprintf(out, "%s, %zu cop%s of each sensor, quorum %zu; %s\n",
	    c->strategy == EG_RING ? "ring" : "full", c->copies, c->copies == 1 ? "y" : "ies",
	    c->quorum, stage ? "a stage runs" : "no stage runs");
	fprintf(out, "%-16s %-7s %10s  %s\n", "node", "state", "behind", "last error");
	for (size_t i = 0; i < c->n; i++)
		fprintf(out, "%-16s %-7s %10llu  %s\n", c->node[i].name, f[i].state,
		    (unsigned long long)f[i].behind, *f[i].error != '\0' ? f[i].error : "-");
}

int
eg_cluster_status(const struct eg_cluster *c, struct eg_cluster_state *s,
    const struct eg_cluster_options *v)
{
	struct found f[EG_NODES_MAX] = { { 0 } };
	struct eg_error e = { 0 };
	struct eg_hints *h = eg_hints_open(s->dir, c, v->hint_limit, false, &e);
	int stage = eg_cluster_state_claimed(s, EG_CLAIM_STAGE, &e), status = EG_OK;
	uint64_t answer = 0;

	for (size_t i = 0; h != NULL && i < c->n; i++) {
		f[i].behind = eg_hints_pending(h, i);
		eg_hints_noted(h, i, f[i].error, sizeof(f[i].error), &e);
	}
	eg_hints_close(h);
	if (e.status != EG_OK)
		return eg_report(&e);
	if (probe_all(c, s, v, f) != 0) {
		eg_fail(&e, EG_BUG, "out of memory");
		return eg_report(&e);
	}
	if (v->json)
		print_json(c, f, stage > 0, v->out);
	else
		print_text(c, f, stage > 0, v->out);
	for (size_t i = 0; i < c->n; i++) {
		bool up = strcmp(f[i].state, "up") == 0;

		answer |= (uint64_t)(up || strcmp(f[i].state, "behind") == 0) << i;
		status = up ? status : EG_TEMPORARY;
	}
	return eg_identities_check(c, s, answer, v->node_timeout_ms, &e) == 0
	    ? status : eg_report(&e);
}
