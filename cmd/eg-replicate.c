/* SPDX-License-Identifier: MIT */
/* Copy records to the nodes of a cluster.
 *
 * Reads records on standard input, and writes each to standard output when a quorum of the
 * nodes that hold its sensor has given a receipt, and each of the others has given one too
 * or has a hint on disk. A node is a command that gives receipts itself. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/stop.h"
#include "cluster/cluster.h"
#include "cluster/cluster_state.h"
#include "cluster/cluster_verbs.h"
#include "cluster/hints.h"
#include "cluster/replicate.h"
#include "stage/stage.h"

enum { OPT_HINT_LIMIT = 256, OPT_LAG, OPT_NODE_TIMEOUT };

static const struct eg_option table[] = {
	{ 'a', "all", NULL, "get, range: ask all nodes, not only those that hold the sensor" },
	{ OPT_HINT_LIMIT, "hint-limit", "N", "records in the hints of one node, at most (10000000)" },
	{ 'i', "inclusive", NULL, "range: include a record at TO" },
	{ 'j', "json", NULL, "status: print JSON" },
	{ OPT_LAG, "lag", "DURATION", "after the quorum, wait this long for the other nodes (2s)" },
	{ 'm', "majority", NULL, "repair: of values without dates keep that of most nodes" },
	{ OPT_NODE_TIMEOUT, "node-timeout", "DURATION", "end a command without a receipt for this long (30s)" },
	{ 'q', "quorum", NULL, "get, range: ask as many nodes as the quorum, and compare" },
	{ 0, NULL, NULL, NULL },
};

static void
parse(struct eg_cluster_options *v, struct eg_options *o, int argc, char *argv[])
{
	const int64_t day_ms = 86400 * 1000;
	int c;

	while ((c = eg_options_next(o, argc, argv)) != -1)
		switch (c) {
		case 'a':
			v->all = true;
			break;
		case OPT_HINT_LIMIT:
			v->hint_limit = (uint64_t)eg_option_int("hint-limit", 1, INT64_C(1) << 50);
			break;
		case 'i':
			v->inclusive = true;
			break;
		case 'j':
			v->json = true;
			break;
		case OPT_LAG:
			v->lag_ms = eg_option_duration("lag", 0, day_ms);
			break;
		case 'm':
			v->majority = true;
			break;
		case OPT_NODE_TIMEOUT:
			v->node_timeout_ms = eg_option_duration("node-timeout", 100, day_ms);
			break;
		case 'q':
			v->quorum = true;
			break;
		}
}

/* Options may stand behind the verb as well: `status --json`. */
static void
parse_all(struct eg_cluster_options *v, struct eg_options *o, int argc, char *argv[], char **operand,
    int *n)
{
	while (optind < argc || *n == 0) {
		/* `range SENSOR -1h`: a time, not an option. */
		if (*n == 0 || argv[optind][0] != '-' || strspn(argv[optind] + 1, "0123456789") == 0)
			parse(v, o, argc, argv);
		if (optind >= argc)
			break;
		if (strcmp(argv[optind - 1], "--") == 0) {
			while (optind < argc)
				operand[(*n)++] = argv[optind++];
			break;
		}
		operand[(*n)++] = argv[optind++];
	}
	if (*n == 0)
		eg_usage("a cluster file is missing");
}

static int
run_stage(const struct eg_cluster *c, struct eg_cluster_state *state, struct eg_hints *hints,
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
		{ "owed_records", "Records that wait as hints.", &counts->owed, true },
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
stage(const struct eg_cluster *c, const struct eg_cluster_options *v, const struct eg_common *common)
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
		status = run_stage(c, &state, hints, v, common);
	} else
		status = eg_report(&e);
	eg_hints_close(hints);
	eg_cluster_state_close(&state);
	return status;
}

int
main(int argc, char *argv[])
{
	struct eg_cluster_options v = { .out = stdout, .hint_limit = 10 * 1000 * 1000, .lag_ms = 2000,
		.node_timeout_ms = 30 * 1000 };
	struct eg_options o = { .synopsis = "[options] CLUSTER [VERB [ARGUMENT ...]]",
		.purpose = "Copy records to the nodes of a cluster.", .table = table,
		.rejects = true, .peers = true };
	struct eg_error e = { 0 };
	struct eg_cluster c;
	int n = 0, status;

	eg_diag_init("eg-replicate");
	parse_all(&v, &o, argc, argv, argv, &n);
	v.timeout_ms = o.common.timeout_ms;
	if (n > 1)
		(void)eg_cluster_check_verb(argv[1], n - 2, &v, &e);
	if (e.status != EG_OK)
		eg_usage("%s", e.text);
	if (eg_cluster_open(&c, argv[0], &e) != 0)
		return eg_report(&e);
	status = n > 1 ? eg_cluster_run_verb(&c, argv[1], argv + 2, (size_t)(n - 2), &v)
	               : stage(&c, &v, &o.common);
	eg_cluster_close(&c);
	return status;
}
