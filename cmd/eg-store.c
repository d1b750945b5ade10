/* SPDX-License-Identifier: MIT */
/* Keep records in a SQLite database.
 *
 * Reads records on standard input and writes each to standard output when it is
 * committed and synced to disk. With a verb it prints or changes what is kept. */
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "stage/stage.h"
#include "store/store.h"
#include "store/store_verbs.h"

enum { PIPE_BYTES = 1024 * 1024 };

#define FLAG(m) EG_FLAG(struct eg_verb, m)
static const struct eg_option table[] = {
	{ 'd', "deletions", NULL, "range, dump: print deletions; delete, evict: read them",
		FLAG(deletions) },
	{ 'i', "inclusive", NULL, "range, dump: print what is at TO, too", FLAG(inclusive) },
	{ 'j', "json", NULL, "stat: print JSON", FLAG(json) },
	{ 'k', "keep", "DURATION", "remember deletions this long",
		EG_DURATION(struct eg_verb, keep_ns, 0, 36500 * EG_DAY_MS), .unit = EG_NS_PER_MS,
		.preset = "30d" },
	{ 'w', "written", NULL, "get, range, dump: print the time of each record, too",
		FLAG(written) },
	{ 0 },
};

static int
run_store(const char *path, int64_t keep_ns, const struct eg_common *common)
{
	struct eg_error e = { 0 };
	struct eg_store *store = eg_store_open(path, EG_STORE_CREATE, keep_ns, &e);
	struct eg_store_sink *k = NULL;
	struct eg_sink sink;
	int status = EG_BUG;

	if (store != NULL && eg_store_purge(store, &e) == 0)
		k = eg_store_sink_new(store, path, &sink, &e);
	if (k != NULL) {
		struct eg_metric extra[] = {
			{ "commits", "Transactions committed.", eg_store_commits(store), false },
			{ "replaced", "Records that replaced another of their key.",
			    eg_store_replaced(store), false },
			{ NULL, NULL, NULL, false },
		};

		/* Records that arrive during a commit form the next batch, so a larger pipe
		 * allows larger batches. Best effort: the input may not be a pipe, or the kernel
		 * may refuse. */
		(void)fcntl(STDIN_FILENO, F_SETPIPE_SZ, PIPE_BYTES);
		status = eg_stage_run(&sink, common, extra);
	}
	eg_store_sink_free(k);
	eg_store_close(store);
	return e.status != EG_OK ? eg_report(&e) : status;
}

static int
run_verb(struct eg_verb *r, char *arg[], int args)
{
	enum eg_status status = eg_verb_run(r, arg, args);

	if (status == EG_USAGE)
		eg_usage("%s", r->e.text);
	eg_report(&r->e);
	return (int)status;
}

int
main(int argc, char *argv[])
{
	static struct eg_verb r;
	struct eg_options o = { .synopsis = "[options] FILE [VERB [OPERAND...]]",
		.purpose = "Keep records in a SQLite database.", .table = table, .settings = &r,
		.rejects = true, .peers = true, .listens = true };
	int n;

	eg_diag_init("eg-store");
	n = eg_options_parse(&o, argc, argv);
	if (n == argc || *argv[n] == '\0')
		eg_usage("no database file given");
	r.path = argv[n++];
	eg_options_own(&o, "the store", r.path, EG_STORE_ENDS);
	if (n < argc)
		return run_verb(&r, argv + n, argc - n);
	if (r.deletions || r.inclusive || r.json || r.written)
		eg_usage("--deletions, --inclusive, --json and --written go with a verb");
	return run_store(r.path, r.keep_ns, &o.common);
}
