/* SPDX-License-Identifier: MIT */
/* The verbs get and range: merge the output of the nodes by time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "cluster/cluster.h"
#include "cluster/cluster_state.h"
#include "cluster/cluster_verbs.h"
#include "cluster/hints.h"
#include "cluster/identity.h"
#include "cluster/node_query.h"
#include "cluster/placement.h"
#include "record/record.h"
#include "record/time_arg.h"

enum { WRITTEN = 1 };

/* One node's records. */
struct stream {
	struct eg_node_query ask;
	bool dated; /* each line ends with the record's time of writing */
	bool live;  /* rec holds the next record; line holds its text */
	struct eg_record rec;
	int64_t when; /* time of writing in ns since 1970; 0: unknown */
	char line[EG_LINE_MAX + 1];
};

struct reading {
	const struct eg_cluster *c;
	const struct eg_cluster_options *opt;
	const char *args[7]; /* args[WRITTEN] is the option --written, or skipped */
	char times[2][EG_TIME_SIZE]; /* FROM and TO in UTC, since the nodes' time zones may
				      * differ */
	const char *sensor; /* the sensor that the user asked for */
	size_t sensor_len;
	bool get;
	uint64_t left;      /* set of nodes that were not asked yet */
	uint64_t preferred; /* set of nodes without hints */
	struct stream *stream[EG_NODES_MAX];
	size_t streams, wanted;
	bool any;
	int64_t last; /* instant of the last printed record, if any */
	uint64_t differ;
	int status; /* exit status of a node's command that failed */
};

/* Moves s to its first record after the last printed one. Returns 0 if a record was read or s
 * has ended. */
static int
next_record(struct reading *r, struct stream *s, struct eg_error *e)
{
	const char *line;
	char q[EG_QUOTE_MAX];
	size_t len;
	int rc;

	s->live = false;
	while ((rc = eg_node_query_line(&s->ask, &line, &len, &r->status, e)) == 1) {
		size_t all = len;

		if ((s->dated && !eg_dated_parse(line, &len, &s->when)) ||
		    eg_record_parse(line, len, &s->rec) != EG_FAULT_NONE ||
		    s->rec.sensor_len != r->sensor_len || memcmp(line, r->sensor, r->sensor_len) != 0)
			return eg_fail(e, EG_TEMPORARY, "node '%s': printed %s, which is no answer",
			    s->ask.member->name, eg_quote(line, all, q));
		if (r->any && s->rec.ns <= r->last)
			continue;
		memcpy(s->line, line, len);
		s->line[len] = '\0';
		s->rec.line = s->line;
		s->live = true;
		return 0;
	}
	/* "No such record" is a valid answer. */
	if (rc < 0 && r->get && r->status == EG_REFUSED) {
		e->status = EG_OK;
		rc = 0;
	}
	return rc;
}

/* The next node to ask; c->n if none is left. */
static size_t
next_node(struct reading *r)
{
	uint64_t from = (r->left & r->preferred) != 0 ? r->left & r->preferred : r->left;
	size_t i;

	if (from == 0)
		return r->c->n;
	i = (size_t)__builtin_ctzll(from);
	r->left &= ~(UINT64_C(1) << i);
	return i;
}

/* Starts the query on node i and reads its first record. */
static int
ask_node(struct reading *r, struct stream *s, size_t i, bool dated, struct eg_error *e)
{
	const char *plain[sizeof(r->args) / sizeof(r->args[0])];

	memcpy(plain, r->args, sizeof(plain));
	if (!dated)
		memmove(&plain[WRITTEN], &plain[WRITTEN + 1],
		    sizeof(plain) - (WRITTEN + 1) * sizeof(plain[0]));
	s->dated = dated;
	r->status = 0;
	return eg_node_query_start(&s->ask, &r->c->node[i], plain, NULL, 0, r->opt->node_timeout_ms,
	    e) == 0 ? next_record(r, s, e) : -1;
}

/* As ask_node, with times of writing if answers must be compared. An older eg-store does not
 * have the option for them, so the query is then repeated without it. */
static int
ask_any(struct reading *r, struct stream *s, size_t i, struct eg_error *e)
{
	bool compares = r->opt->quorum || r->opt->all;

	if (ask_node(r, s, i, compares, e) == 0)
		return 0;
	if (!compares || r->status != EG_USAGE)
		return -1;
	eg_node_query_end(&s->ask);
	e->status = EG_OK;
	return ask_node(r, s, i, false, e);
}

/* Starts the query on one more node. Returns false if none is left. */
static bool
open_stream(struct reading *r)
{
	size_t i;

	while ((i = next_node(r)) < r->c->n) {
		struct stream *s = calloc(1, sizeof(*s));
		struct eg_error e = { 0 };

		if (s == NULL)
			return false;
		if (ask_any(r, s, i, &e) == 0) {
			r->stream[r->streams++] = s;
			return true;
		}
		eg_warn("%s", e.text);
		eg_node_query_end(&s->ask);
		free(s);
	}
	return false;
}

static size_t
votes_for(const struct reading *r, const struct stream *s)
{
	size_t votes = 0;

	for (size_t k = 0; k < r->streams; k++)
		votes += r->stream[k]->live && r->stream[k]->rec.len == s->rec.len &&
		    memcmp(r->stream[k]->line, s->line, s->rec.len) == 0;
	return votes;
}

/* Chooses one of the records at this instant: the one with the latest time of writing. If one
 * has no known time, the record that most streams have is chosen. In a tie the greater text
 * wins, so that each call makes the same choice. */
static const struct stream *
choose_record(const struct reading *r, int64_t ns)
{
	const struct stream *best = NULL;
	int64_t best_rank = 0;
	bool dated = true;

	for (size_t i = 0; i < r->streams; i++)
		if (r->stream[i]->live && r->stream[i]->rec.ns == ns)
			dated = dated && r->stream[i]->dated && r->stream[i]->when > 0;
	for (size_t i = 0; i < r->streams; i++) {
		const struct stream *s = r->stream[i];
		int64_t rank;

		if (!s->live || s->rec.ns != ns)
			continue;
		rank = dated ? s->when : (int64_t)votes_for(r, s);
		if (best == NULL || rank > best_rank ||
		    (rank == best_rank && strcmp(s->line, best->line) > 0)) {
			best = s;
			best_rank = rank;
		}
	}
	return best;
}

static void
close_stream(struct reading *r, size_t i)
{
	eg_node_query_end(&r->stream[i]->ask);
	free(r->stream[i]);
	r->stream[i] = r->stream[--r->streams];
}

/* Moves all streams past the last printed record. If a stream fails, another node's stream replaces
 * it. */
static bool
advance_all(struct reading *r)
{
	for (size_t i = 0; i < r->streams; i++) {
		struct eg_error e = { 0 };

		if (!r->stream[i]->live || r->stream[i]->rec.ns > r->last)
			continue;
		if (next_record(r, r->stream[i], &e) == 0)
			continue;
		eg_warn("%s", e.text);
		close_stream(r, i--);
		if (!open_stream(r))
			return false;
	}
	return true;
}

/* Prints the next record. Returns 1 if it was printed, 0 if none is left, -1 if too few nodes
 * are left. */
static int
print_next(struct reading *r)
{
	const struct stream *s = NULL;
	size_t same = 0;

	for (size_t i = 0; i < r->streams; i++)
		if (r->stream[i]->live && (s == NULL || r->stream[i]->rec.ns < s->rec.ns))
			s = r->stream[i];
	if (s == NULL)
		return 0;
	s = choose_record(r, s->rec.ns);
	for (size_t i = 0; i < r->streams; i++)
		same += r->stream[i]->live && strcmp(r->stream[i]->line, s->line) == 0;
	r->differ += same < r->streams;
	r->last = s->rec.ns;
	r->any = true;
	if (fwrite(s->line, 1, s->rec.len, r->opt->out) != s->rec.len ||
	    putc('\n', r->opt->out) == EOF)
		return 0;
	return advance_all(r) || r->opt->all ? 1 : -1;
}

static int
merge(struct reading *r)
{
	struct eg_error e = { 0 };
	char q[EG_QUOTE_MAX];
	int rc = 1;

	while (r->streams < r->wanted && open_stream(r))
		continue;
	/* After a change of the cluster file, a node may lack a record that another node has, so
	 * the next node is asked. Nodes with hints are skipped: they may still have a record
	 * that was deleted. */
	while (r->get && r->streams > 0 && !r->stream[r->streams - 1]->live &&
	    (r->left & r->preferred) != 0 && !r->opt->quorum && open_stream(r))
		continue;
	if (r->streams == 0 || (r->streams < r->wanted && !r->opt->all))
		eg_fail(&e, EG_TEMPORARY, "only %zu of the %zu nodes asked for answer", r->streams,
		    r->wanted);
	while (e.status == EG_OK && (rc = print_next(r)) == 1)
		continue;
	if (rc < 0)
		eg_fail(&e, EG_TEMPORARY, "no other node can continue the answer");
	if (r->differ > 0 && r->opt->quorum)
		eg_warn("the nodes differ in %llu records; the verb repair makes them equal",
		    (unsigned long long)r->differ);
	if (e.status == EG_OK && r->get && !r->any)
		eg_fail(&e, EG_REFUSED, "there is no record %s",
		    eg_quote(r->sensor, strlen(r->sensor), q));
	if (e.status == EG_OK && r->streams < r->wanted)
		return EG_TEMPORARY;
	return eg_report(&e);
}

/* Sets the nodes to ask: all except those marked as failed; nodes without hints come first. */
static int
candidates(struct reading *r, const struct eg_cluster_state *s, struct eg_error *e)
{
	uint64_t set = r->opt->all ? UINT64_MAX : eg_place(r->c, r->sensor, r->sensor_len);
	struct eg_hints *h = eg_hints_open(s->dir, r->c, r->opt->hint_limit, false, e);

	if (h == NULL)
		eg_report(e);
	e->status = EG_OK;
	for (size_t i = 0; i < r->c->n; i++) {
		if ((set >> i & 1) == 0 || r->c->node[i].kind != EG_MEMBER_STORE)
			continue;
		r->wanted += r->opt->all;
		if (eg_cluster_state_failed(s, r->c->node[i].name))
			continue;
		r->left |= UINT64_C(1) << i;
		if (h == NULL || eg_hints_pending(h, i) == 0)
			r->preferred |= UINT64_C(1) << i;
	}
	eg_hints_close(h);
	if (!r->opt->all)
		r->wanted = r->opt->quorum ? r->c->quorum : 1;
	if (r->wanted == 0)
		return eg_fail(e, EG_CONFIG, "no node in '%s' is a store", r->c->path);
	/* One store with two names is no quorum of two. */
	return !r->opt->quorum ? 0
	    : eg_identities_check(r->c, s, r->left, r->opt->node_timeout_ms, e);
}

static int
parse_time(const char *arg, int64_t now, int64_t *ns, struct eg_error *e)
{
	char q[EG_QUOTE_MAX];

	if (eg_time_arg_parse(arg, now, ns))
		return 0;
	return eg_fail(e, EG_USAGE,
	    "%s is not a time: 2026-11-23T14:18:36, 2026-11-23, -7d and now are",
	    eg_quote(arg, strlen(arg), q));
}

/* Converts FROM and TO to UTC for the nodes; TO becomes exclusive. */
static int
set_span(struct reading *r, char **arg, size_t n, struct eg_error *e)
{
	int64_t now = eg_wall_ns(), from, to;

	if (r->opt->inclusive && n < 3)
		return eg_fail(e, EG_USAGE, "--inclusive needs FROM and TO");
	if (n < 2)
		return 0;
	if (parse_time(arg[1], now, &from, e) != 0)
		return -1;
	(void)eg_time_format(from, r->times[0]);
	r->args[4] = r->times[0];
	if (n < 3)
		return 0;
	if (parse_time(arg[2], now, &to, e) != 0)
		return -1;
	if (from > to)
		return eg_fail(e, EG_USAGE, "'%s' is later than '%s'", arg[1], arg[2]);
	if (r->opt->inclusive && to == INT64_MAX)
		return 0;
	(void)eg_time_format(r->opt->inclusive ? to + 1 : to, r->times[1]);
	r->args[5] = r->times[1];
	return 0;
}

/* Sets the arguments of the verb for the nodes. -1 if an argument is invalid. */
static int
set_arguments(struct reading *r, char **arg, size_t n, struct eg_error *e)
{
	enum eg_fault fault = r->get ? eg_key_check(arg[0], strlen(arg[0])) : EG_FAULT_NONE;
	char q[EG_QUOTE_MAX];

	if (fault != EG_FAULT_NONE)
		return eg_fail(e, EG_USAGE, "%s is not a key sensor:timestamp: %s",
		    eg_quote(arg[0], strlen(arg[0]), q), eg_fault_text(fault));
	r->args[0] = r->get ? "get" : "range";
	r->args[WRITTEN] = "--written";
	r->args[2] = "--";
	r->args[3] = arg[0];
	return set_span(r, arg, n, e);
}

int
eg_cluster_read(const struct eg_cluster *c, const struct eg_cluster_state *s, const char *verb,
    char **arg, size_t n, const struct eg_cluster_options *v)
{
	struct reading *r = calloc(1, sizeof(*r));
	struct eg_error e = { 0 };
	int status;

	if (r == NULL) {
		eg_fail(&e, EG_BUG, "out of memory");
		return eg_report(&e);
	}
	r->c = c;
	r->opt = v;
	r->get = strcmp(verb, "get") == 0;
	r->sensor = arg[0];
	r->sensor_len = strlen(arg[0]);
	if (r->get)
		r->sensor_len = eg_key_sensor_len(arg[0], r->sensor_len);
	status = set_arguments(r, arg, n, &e) == 0 && candidates(r, s, &e) == 0
	    ? merge(r) : eg_report(&e);
	while (r->streams > 0)
		close_stream(r, 0);
	free(r);
	return status;
}
