/* SPDX-License-Identifier: MIT */
/* Runs a verb on a node: appends it to the node's command, and reads the output. */
#include "cluster/node_query.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/stop.h"
#include "base/wait.h"
#include "cluster/cluster.h"

/* Quotes a word: ssh joins words with blanks, and the remote shell splits them again. NULL if
 * memory runs out. */
static char *
quoted_for_shell(const char *word)
{
	char *out = malloc(4 * strlen(word) + 3), *to = out;

	if (out == NULL)
		return NULL;
	*to++ = '\'';
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			to = stpcpy(to, "'\\'");
		*to++ = *word;
	}
	memcpy(to, "'", 2);
	return out;
}

/* Builds argv: the words of the command, which the cluster owns, then copies of the verb's
 * words. */
static int
make_argv(struct eg_node_query *a, const struct eg_member *m, const char *const args[])
{
	size_t n = 0;

	while (args[n] != NULL)
		n++;
	a->words = m->argc;
	a->argv = calloc(m->argc + n + 1, sizeof(*a->argv));
	if (a->argv == NULL)
		return -1;
	memcpy(a->argv, m->argv, m->argc * sizeof(*a->argv));
	for (size_t i = 0; i < n; i++) {
		a->argv[m->argc + i] = m->shell ? quoted_for_shell(args[i]) : strdup(args[i]);
		if (a->argv[m->argc + i] == NULL)
			return -1;
	}
	return 0;
}

static void
free_argv(struct eg_node_query *a)
{
	for (size_t i = a->words; a->argv != NULL && a->argv[i] != NULL; i++)
		free(a->argv[i]);
	free(a->argv);
	a->argv = NULL;
}

int
eg_node_query_start(struct eg_node_query *a, const struct eg_member *m, const char *const args[],
    const char *in, size_t in_len, int64_t timeout_ms, struct eg_error *e)
{
	struct eg_error why = { 0 };

	a->member = m;
	a->timeout_ms = timeout_ms;
	a->in = in;
	a->in_len = in_len;
	a->at = a->have = 0;
	a->running = false;
	if (make_argv(a, m, args) != 0) {
		free_argv(a);
		return eg_fail(e, EG_BUG, "out of memory");
	}
	signal(SIGPIPE, SIG_IGN);
	if (eg_process_start(&a->process, a->argv, &why) != 0) {
		free_argv(a);
		return eg_fail(e, EG_TEMPORARY, "node '%s': %s", m->name, why.text);
	}
	a->running = true;
	if (in_len == 0)
		eg_process_close_in(&a->process);
	return 0;
}

void
eg_node_query_end(struct eg_node_query *a)
{
	if (a->running)
		(void)eg_process_end(&a->process, EG_PROCESS_END_MS);
	a->running = false;
	free_argv(a);
}

/* Waits for the exit status, after the command has closed its output. */
static int
await_exit(struct eg_node_query *a, int *status, struct eg_error *e)
{
	int64_t until = eg_mono_ms() + a->timeout_ms;
	char words[128];
	int st;

	eg_process_close_in(&a->process);
	if (status != NULL)
		*status = -1;
	if (!eg_process_await(&a->process, until)) {
		eg_node_query_end(a);
		return eg_fail(e, EG_TEMPORARY, "node '%s': gives no answer", a->member->name);
	}
	st = eg_process_reap(&a->process);
	a->running = false;
	if (status != NULL)
		*status = st >= 0 && WIFEXITED(st) ? WEXITSTATUS(st) : -1;
	if (st >= 0 && WIFEXITED(st) && WEXITSTATUS(st) == 0 && a->at == a->have &&
	    a->in_len == 0)
		return 0;
	return eg_fail(e, EG_TEMPORARY, "node '%s': %s", a->member->name,
	    eg_process_status_text(st, words, sizeof(words)));
}

static void
feed(struct eg_node_query *a)
{
	ssize_t n = write(a->process.in, a->in, a->in_len);

	/* The command no longer reads its input. The end of the command shows whether that is an
	 * error. */
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		eg_process_close_in(&a->process);
	if (n > 0) {
		a->in += n;
		a->in_len -= (size_t)n;
	}
	if (a->in_len == 0)
		eg_process_close_in(&a->process);
}

/* Waits for input or output, and transfers it. Returns 1 to continue, 0 when the output has
 * ended. */
static int
move(struct eg_node_query *a, struct eg_error *e)
{
	struct pollfd fds[3] = { { .fd = a->process.out, .events = POLLIN },
		{ .fd = a->process.in, .events = POLLOUT }, eg_stop_pollfd() };
	bool ready = eg_wait_fds(fds, 3, eg_mono_ms() + a->timeout_ms);
	ssize_t n;

	eg_stop_polled(&fds[2]);
	if (eg_stop_asked() > 0)
		return eg_fail(e, EG_TEMPORARY, "ended by a signal");
	if (!ready)
		return eg_fail(e, EG_TEMPORARY, "node '%s': gives no answer", a->member->name);
	if (fds[1].revents != 0)
		feed(a);
	if (fds[0].revents == 0)
		return 1;
	memmove(a->buf, a->buf + a->at, a->have - a->at);
	a->have -= a->at;
	a->at = 0;
	if (a->have == sizeof(a->buf))
		return eg_fail(e, EG_TEMPORARY, "node '%s': printed a line without an end",
		    a->member->name);
	n = read(a->process.out, a->buf + a->have, sizeof(a->buf) - a->have);
	if (n > 0)
		a->have += (size_t)n;
	return n != 0;
}

int
eg_node_query_line(struct eg_node_query *a, const char **line, size_t *len, int *status,
    struct eg_error *e)
{
	while (a->running) {
		const char *from = a->buf + a->at;
		const char *nl = memchr(from, '\n', a->have - a->at);
		int rc;

		if (nl != NULL) {
			*line = from;
			*len = (size_t)(nl - from);
			a->at += *len + 1;
			return 1;
		}
		rc = move(a, e);
		if (rc < 0) {
			eg_node_query_end(a);
			return -1;
		}
		if (rc == 0)
			return await_exit(a, status, e);
	}
	return eg_fail(e, EG_TEMPORARY, "node '%s': gives no answer", a->member->name);
}

int
eg_node_query_nothing(const struct eg_member *m, int64_t timeout_ms, struct eg_error *e)
{
	static const char *const nothing[] = { NULL };
	struct eg_node_query *a = malloc(sizeof(*a));
	char q[EG_QUOTE_MAX];
	const char *line = "";
	size_t len = 0;
	int rc = -1;

	if (a == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (eg_node_query_start(a, m, nothing, NULL, 0, timeout_ms, e) == 0) {
		rc = eg_node_query_line(a, &line, &len, NULL, e);
		if (rc == 1)
			eg_fail(e, EG_TEMPORARY, "node '%s': printed %s, although its input was empty",
			    m->name, eg_quote(line, len, q));
		eg_node_query_end(a);
	}
	free(a);
	return rc == 0 ? 0 : -1;
}
