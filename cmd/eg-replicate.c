/* SPDX-License-Identifier: MIT */
/* Copy records to the nodes of a cluster.
 *
 * Reads records on standard input, and writes each to standard output when a quorum of the
 * nodes that hold its sensor has given a receipt, and each of the others has given one too
 * or has a hint on disk. A node is a command that gives receipts itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/output.h"
#include "base/stop.h"
#include "cluster/cluster.h"
#include "cluster/cluster_state.h"
#include "cluster/cluster_verbs.h"
#include "cluster/hints.h"
#include "cluster/replicate.h"
#include "stage/stage.h"

#define INTO(type, m, ...) type(struct eg_cluster_options, m, __VA_ARGS__)
#define FLAG(m) EG_FLAG(struct eg_cluster_options, m)
static const struct eg_option table[] = {
	{ 'a', "all", NULL, "get, range: ask all nodes, not only those that hold the sensor",
		FLAG(all) },
	{ 0, "hint-limit", "N", "records in the hints of one node, at most",
		INTO(EG_INT, hint_limit, 1, INT64_C(1) << 50), .preset = "10000000" },
	{ 'i', "inclusive", NULL, "range: include a record at TO", FLAG(inclusive) },
	{ 'j', "json", NULL, "status: print JSON", FLAG(json) },
	{ 0, "lag", "DURATION", "after the quorum, wait this long for the other nodes",
		INTO(EG_DURATION, lag_ms, 0, EG_DAY_MS), .preset = "2s" },
	{ 'm', "majority", NULL, "repair: if write times are unknown, keep the value of most nodes",
		FLAG(majority) },
	{ 0, "node-timeout", "DURATION", "end a command without a receipt for this long",
		INTO(EG_DURATION, node_timeout_ms, 100, EG_DAY_MS), .preset = "30s" },
	{ 'q', "quorum", NULL, "get, range: ask as many nodes as the quorum, and compare",
		FLAG(quorum) },
	{ 0 },
};

/* Whether a word is an operand in spite of its dash: `range SENSOR -1h`. */
static bool
is_time(const char *word)
{
	return word[0] == '-' && word[1] >= '0' && word[1] <= '9';
}

/* Parses options after the verb, too: `status --json`. Moves operands to the front of argv and
 * returns their number. */
static int
parse_options(struct eg_options *o, int argc, char *argv[])
{
	int n = 0;

	while (n == 0 || o->next < argc) {
		if ((n == 0 || !is_time(argv[o->next])) && eg_options_parse(o, argc, argv) == argc)
			break;
		argv[n++] = argv[o->next++];
	}
	if (n == 0)
		eg_usage("a cluster file is missing");
	return n;
}

static int
run_replicate(const struct eg_cluster *c, struct eg_cluster_state *state, struct eg_hints *hints,
    const struct eg_cluster_options *v, const struct eg_common *common)
{
	struct eg_replicate_config cfg = { c, state, hints, v->node_timeout_ms, v->lag_ms };
	struct eg_error e = { 0 };
	struct eg_replicate *r = eg_replicate_new(&cfg, &e);
	const struct eg_replicate_counts *counts;
	struct eg_sink sink;
	int status;

	if (r == NULL)
		return eg_report(&e);
	counts = eg_replicate_counts(r);
	sink = eg_replicate_sink(r);
	struct eg_metric extra[] = {
		{ "pending_hint_records", "Records that wait as hints.", &counts->pending, true },
		{ "nodes_away", "Nodes that do not answer.", &counts->away, true },
		{ "hinted_records", "Records that were kept as hints.", &counts->hinted, false },
		{ "node_restarts", "Commands started again.", &counts->restarts, false },
		{ NULL, NULL, NULL, false },
	};

	status = eg_stage_run(&sink, common, extra);
	if (eg_replicate_finish(r, &e) != 0 && status == EG_OK)
		status = eg_report(&e);
	eg_replicate_free(r);
	return status;
}

static int
run_stage(const struct eg_cluster *c, const struct eg_cluster_options *v,
    const struct eg_common *common)
{
	struct eg_cluster_state state = EG_CLUSTER_STATE_INIT;
	struct eg_hints *hints = NULL;
	struct eg_error e = { 0 };
	uint64_t strangers = 0;
	int status;

	if (eg_stop_install(&e) == 0 && eg_cluster_state_open(&state, c, &e) == 0 &&
	    eg_cluster_state_wait(&state, common->timeout_ms, v->node_timeout_ms, &e) == 0)
		hints = eg_hints_open(state.dir, c, v->hint_limit, true, &e);
	if (hints != NULL && eg_hints_strangers(hints, false, &strangers, &e) == 0) {
		if (strangers > 0)
			eg_warn("%llu records wait as hints for nodes that are not in '%s' any more; "
			        "the verb repair deletes them", (unsigned long long)strangers, c->path);
		status = run_replicate(c, &state, hints, v, common);
	} else
		status = eg_report(&e);
	eg_hints_close(hints);
	eg_cluster_state_close(&state);
	return status;
}

int
main(int argc, char *argv[])
{
	struct eg_cluster_options v = { .out = eg_output_stream() };
	struct eg_options o = { .synopsis = "[options] CLUSTER [VERB [ARGUMENT ...]]",
		.purpose = "Copy records to the nodes of a cluster.", .table = table,
		.settings = &v, .rejects = true, .peers = true, .listens = true };
	struct eg_error e = { 0 };
	struct eg_cluster c;
	int n, status;

	eg_diag_init("eg-replicate");
	if (v.out == NULL)
		abort();
	n = parse_options(&o, argc, argv);
	v.timeout_ms = o.common.timeout_ms;
	eg_options_own(&o, "the cluster", argv[0], EG_CLUSTER_ENDS);
	if (n > 1)
		(void)eg_cluster_check_verb(argv[1], n - 2, &v, &e);
	if (e.status != EG_OK)
		eg_usage("%s", e.text);
	if (eg_cluster_open(&c, argv[0], &e) != 0)
		return eg_report(&e);
	status = n > 1 ? eg_cluster_run_verb(&c, argv[1], argv + 2, (size_t)(n - 2), &v)
	               : run_stage(&c, &v, &o.common);
	eg_cluster_close(&c);
	return status;
}
