/* SPDX-License-Identifier: MIT */
/* Finds nodes that are the same store, although their commands differ. */
#include "cluster/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/stop.h"
#include "base/wait.h"
#include "cluster/cluster.h"
#include "cluster/cluster_state.h"
#include "cluster/node_query.h"

/* Digits of an identity; the time limit of an answer; that for the end of a command that has closed
 * its output, which is waited for; between two attempts. */
enum { DIGITS = 32, ANSWER_MS = 5000, END_MS = 1000, AGAIN_MS = 5000 };

struct identity {
	char text[DIGITS + 1];       /* empty: not known */
	bool final;                  /* it is known, or the command cannot be asked */
	int64_t asked;               /* when, on eg_mono_ms's clock; 0: never */
	struct eg_node_query *query; /* NULL: none runs */
};

struct eg_identities {
	const struct eg_cluster *cluster;
	const struct eg_cluster_state *state;
	struct identity node[EG_NODES_MAX];
};

struct eg_identities *
eg_identities_new(const struct eg_cluster *c, const struct eg_cluster_state *s)
{
	struct eg_identities *x = calloc(1, sizeof(*x));

	if (x == NULL)
		return NULL;
	x->cluster = c;
	x->state = s;
	for (size_t i = 0; i < c->n; i++)
		x->node[i].final = c->node[i].kind != EG_MEMBER_STORE;
	return x;
}

static void
end_query(struct identity *n)
{
	if (n->query != NULL)
		eg_node_query_end(n->query);
	free(n->query);
	n->query = NULL;
}

void
eg_identities_free(struct eg_identities *x)
{
	for (size_t i = 0; x != NULL && i < EG_NODES_MAX; i++)
		end_query(&x->node[i]);
	free(x);
}

static void
start_query(struct eg_identities *x, size_t i)
{
	static const char *const verb[] = { "identity", NULL };
	const struct eg_member *m = &x->cluster->node[i];
	struct identity *n = &x->node[i];
	struct eg_error e = { 0 };

	n->asked = eg_mono_ms();
	n->query = calloc(1, sizeof(*n->query));
	if (n->query != NULL && eg_node_query_start(n->query, m, verb, NULL, 0, END_MS, &e) != 0)
		end_query(n);
}

void
eg_identities_again(struct eg_identities *x, unsigned i)
{
	const struct identity *n = &x->node[i];

	if (!n->final && n->query == NULL && eg_mono_ms() - n->asked >= AGAIN_MS)
		start_query(x, i);
}

/* Takes the answer of a command that has written or closed its output. An identity is a line of 32
 * hexadecimal digits. A command that ends with 0 without one does not pass the verb on; one that
 * ends with 64 is an eg-store that does not know it. All else may pass. */
static void
take_identity(struct identity *n)
{
	struct eg_error e = { 0 };
	const char *line = "";
	size_t len = 0;
	int status = -1, rc = eg_node_query_line(n->query, &line, &len, &status, &e);

	if (rc == 1 && len == DIGITS && strspn(line, "0123456789abcdef") == DIGITS)
		memcpy(n->text, line, DIGITS);
	n->final = rc >= 0 || status == EG_USAGE;
	end_query(n);
}

static int
refuse_same_store(const struct eg_identities *x, size_t i, struct eg_error *e)
{
	for (size_t k = 0; k < x->cluster->n; k++)
		if (k != i && *x->node[i].text != '\0' && strcmp(x->node[i].text, x->node[k].text) == 0)
			return eg_fail(e, EG_CONFIG,
			    "%s: nodes '%s' and '%s' are the same store, by two commands: "
			    "one copy, not two. Give each its own file", x->cluster->path,
			    x->cluster->node[k < i ? k : i].name, x->cluster->node[k < i ? i : k].name);
	return 0;
}

int
eg_identities_read(struct eg_identities *x, struct eg_error *e)
{
	for (size_t i = 0; i < x->cluster->n; i++) {
		struct identity *n = &x->node[i];

		if (n->query == NULL)
			continue;
		if (eg_wait_revents(n->query->process.out, POLLIN) != 0) {
			take_identity(n);
			if (refuse_same_store(x, i, e) != 0)
				return -1;
		} else if (eg_mono_ms() - n->asked > ANSWER_MS)
			end_query(n);
	}
	return 0;
}

/* Waits for an answer, or for a signal; false: there is none to wait for. */
static bool
wait_answer(struct eg_identities *x, int64_t due)
{
	struct pollfd fds[EG_NODES_MAX + 1] = { eg_stop_pollfd() };
	size_t n = 1;

	for (size_t i = 0; i < x->cluster->n; i++)
		if (x->node[i].query != NULL)
			fds[n++] = (struct pollfd){ .fd = x->node[i].query->process.out, .events = POLLIN };
	if (n > 1)
		(void)eg_wait_fds(fds, n, due);
	eg_stop_polled(&fds[0]);
	return n > 1;
}

int
eg_identities_ask(struct eg_identities *x, int64_t timeout_ms, struct eg_error *e)
{
	int64_t due = eg_mono_ms() + (timeout_ms < ANSWER_MS ? timeout_ms : ANSWER_MS);

	for (size_t i = 0; i < x->cluster->n; i++)
		if (!x->node[i].final && !eg_cluster_state_failed(x->state, x->cluster->node[i].name))
			start_query(x, i);
	while (eg_mono_ms() < due && eg_stop_asked() == 0 && wait_answer(x, due))
		if (eg_identities_read(x, e) != 0)
			return -1;
	for (size_t i = 0; i < x->cluster->n; i++)
		end_query(&x->node[i]);
	return 0;
}

int
eg_identities_check(const struct eg_cluster *c, const struct eg_cluster_state *s,
    uint64_t nodes, int64_t timeout_ms, struct eg_error *e)
{
	struct eg_identities *x = eg_identities_new(c, s);
	int rc;

	if (x == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (size_t i = 0; i < c->n; i++)
		x->node[i].final = x->node[i].final || (nodes >> i & 1) == 0;
	rc = (nodes & (nodes - 1)) == 0 ? 0 : eg_identities_ask(x, timeout_ms, e);
	eg_identities_free(x);
	return rc;
}
