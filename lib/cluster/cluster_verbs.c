/* SPDX-License-Identifier: MIT */
/* The table of eg-replicate's verbs, and the short verbs. */
#include "cluster/cluster_verbs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "cluster/cluster.h"
#include "cluster/cluster_state.h"
#include "cluster/placement.h"

static const struct verb {
	const char *name, *takes;
	int least, most;
} verbs[] = {
	{ "delete", "KEY...", 1, 1 << 30 },
	{ "fail", "NODE", 1, 1 },
	{ "get", "KEY", 1, 1 },
	{ "range", "SENSOR [FROM [TO]]", 1, 3 },
	{ "recover", "NODE", 1, 1 },
	{ "repair", "no argument", 0, 0 },
	{ "status", "no argument", 0, 0 },
	{ "where", "SENSOR", 1, 1 },
};

static const struct verb *
find_cluster_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

int
eg_cluster_check_verb(const char *verb, int n, const struct eg_cluster_options *v,
    struct eg_error *e)
{
	const struct verb *it = find_cluster_verb(verb);
	bool reads = strcmp(verb, "get") == 0 || strcmp(verb, "range") == 0;

	if (it == NULL)
		return eg_fail(e, EG_USAGE, "'%s' is none of delete, fail, get, range, recover, repair, "
		    "status, where", verb);
	if (n < it->least || n > it->most)
		return eg_fail(e, EG_USAGE, "%s takes %s", verb, it->takes);
	if ((v->all || v->quorum) && !reads)
		return eg_fail(e, EG_USAGE, "--all and --quorum go with get and range");
	if (v->all && v->quorum)
		return eg_fail(e, EG_USAGE, "--all and --quorum exclude each other");
	if (v->inclusive && strcmp(verb, "range") != 0)
		return eg_fail(e, EG_USAGE, "--inclusive goes with range");
	if (v->majority && strcmp(verb, "repair") != 0)
		return eg_fail(e, EG_USAGE, "--majority goes with repair");
	if (v->json && strcmp(verb, "status") != 0)
		return eg_fail(e, EG_USAGE, "--json goes with status");
	return 0;
}

static int
fail_node(const struct eg_cluster *c, const struct eg_cluster_state *s, const char *name,
    bool failed)
{
	struct eg_error e = { 0 };

	if (eg_cluster_find(c, name) == c->n)
		eg_fail(&e, EG_CONFIG, "'%s' has no node '%s'", c->path, name);
	else
		eg_cluster_state_fail(s, name, failed, &e);
	return eg_report(&e);
}

static int
where(const struct eg_cluster *c, const char *sensor, FILE *out)
{
	uint64_t held = eg_place(c, sensor, strlen(sensor));

	for (size_t i = 0; i < c->n; i++)
		if ((held >> i & 1) != 0)
			fprintf(out, "%s\n", c->node[i].name);
	return EG_OK;
}

int
eg_cluster_run_verb(const struct eg_cluster *c, const char *verb, char **arg, size_t n,
    const struct eg_cluster_options *v)
{
	struct eg_cluster_state s = EG_CLUSTER_STATE_INIT;
	struct eg_error e = { 0 };
	int status;

	if (eg_cluster_state_open(&s, c, &e) != 0)
		return eg_report(&e);
	if (strcmp(verb, "where") == 0)
		status = where(c, arg[0], v->out);
	else if (strcmp(verb, "status") == 0)
		status = eg_cluster_status(c, &s, v);
	else if (strcmp(verb, "delete") == 0)
		status = eg_cluster_delete(c, &s, arg, n, v);
	else if (strcmp(verb, "repair") == 0)
		status = eg_cluster_repair(c, &s, v);
	else if (strcmp(verb, "fail") == 0 || strcmp(verb, "recover") == 0)
		status = fail_node(c, &s, arg[0], verb[0] == 'f');
	else
		status = eg_cluster_read(c, &s, verb, arg, n, v);
	eg_cluster_state_close(&s);
	if (fflush(v->out) != 0 || ferror(v->out)) {
		if (errno == EPIPE)
			return EG_LOCAL_IO;
		eg_fatal("cannot write to standard output: %s", strerror(errno));
		return EG_LOCAL_IO;
	}
	return status;
}
