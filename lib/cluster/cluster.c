/* SPDX-License-Identifier: MIT */
/* The cluster file: the nodes, and how records are distributed among them. */
#include "cluster/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/number.h"
#include "cluster/argv_split.h"
#include "cluster/placement.h"

enum { FILE_MAX = 1024 * 1024, NAME_MAX_BYTES = 64, DEFAULT_COPIES = 2 };

/* The state of reading the file. */
struct reader {
	struct eg_cluster *c;
	unsigned line;
	unsigned strategy_line, copies_line, quorum_line, node_line[EG_NODES_MAX];
	struct eg_error *e;
};

static int
wrong(const struct reader *r, const char *reason)
{
	return eg_fail(r->e, EG_CONFIG, "%s:%u: %s", r->c->path, r->line, reason);
}

/* The same for one word, which the message quotes. */
static int
wrong_word(const struct reader *r, const char *word, const char *reason)
{
	char q[EG_QUOTE_MAX];

	return eg_fail(r->e, EG_CONFIG, "%s:%u: %s: %s", r->c->path, r->line,
	    eg_quote(word, strlen(word), q), reason);
}

static int
take_strategy(struct reader *r, const char *word)
{
	r->strategy_line = r->line;
	if (strcmp(word, "full") == 0)
		r->c->strategy = EG_FULL;
	else if (strcmp(word, "ring") == 0)
		r->c->strategy = EG_RING;
	else
		return wrong_word(r, word, "a strategy is full or ring");
	return 0;
}

static int
take_replicas(const struct reader *r, const char *word, size_t *count)
{
	int64_t v;

	if (eg_int_parse(word, 1, EG_NODES_MAX, &v) != EG_NUMBER_OK)
		return wrong_word(r, word, "is not a number from 1 to 64");
	*count = (size_t)v;
	return 0;
}

/* Handles `strategy`, `copies` and `quorum`: one word each, and each at most once. */
static int
take_setting(struct reader *r, char **word, size_t n, unsigned *seen)
{
	if (*seen != 0)
		return wrong_word(r, word[0], "stands twice in the file");
	if (n != 2)
		return wrong_word(r, word[0], "takes one word");
	*seen = r->line;
	if (seen == &r->strategy_line)
		return take_strategy(r, word[1]);
	return take_replicas(r, word[1], seen == &r->copies_line ? &r->c->copies : &r->c->quorum);
}

static bool
good_name(const char *name)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX_BYTES && name[0] != '.' && name[0] != '-' &&
	    strspn(name, letters) == len;
}

/* The kind of a node: `store` and `stage` say it; for `node` it is guessed from the command. */
static enum eg_member_kind
parse_kind(char **word)
{
	if (strcmp(word[0], "node") == 0)
		return eg_member_guess(word + 2);
	return strcmp(word[0], "store") == 0 ? EG_MEMBER_STORE : EG_MEMBER_STAGE;
}

static int
take_node(struct reader *r, char **word, size_t n)
{
	struct eg_cluster *c = r->c;
	size_t twin;

	if (n < 3)
		return wrong(r, "a node has a name and a command");
	if (!good_name(word[1]))
		return wrong_word(r, word[1],
		    "a name is made of letters, digits, '_', '.' and '-' (64 at most)");
	if (c->n == EG_NODES_MAX)
		return wrong(r, "more than 64 nodes");
	twin = eg_cluster_find(c, word[1]);
	if (twin < c->n)
		return eg_fail(r->e, EG_CONFIG, "%s:%u: a node named '%s' stands in line %u already",
		    c->path, r->line, word[1], r->node_line[twin]);
	c->words[c->n] = word;
	r->node_line[c->n] = r->line;
	c->node[c->n++] = (struct eg_member){ .name = word[1], .argv = word + 2, .argc = n - 2,
		.seed = eg_place_seed(word[1]), .kind = parse_kind(word),
		.shell = eg_member_is_ssh(word + 2) };
	return 1;
}

/* Splits the line into words. Returns 1 if the cluster owns the words now. */
static int
take_words(struct reader *r, char **word, size_t n)
{
	if (strcmp(word[0], "node") == 0 || strcmp(word[0], "store") == 0 ||
	    strcmp(word[0], "stage") == 0)
		return take_node(r, word, n);
	if (strcmp(word[0], "strategy") == 0)
		return take_setting(r, word, n, &r->strategy_line);
	if (strcmp(word[0], "copies") == 0)
		return take_setting(r, word, n, &r->copies_line);
	if (strcmp(word[0], "quorum") == 0)
		return take_setting(r, word, n, &r->quorum_line);
	return wrong_word(r, word[0], "is none of strategy, copies, quorum, store, stage, node");
}

static int
take_directive(struct reader *r, char *line)
{
	char **word;
	size_t n, len = strlen(line);
	const char *fault;
	int rc = 0;

	if (len > 0 && line[len - 1] == '\r')
		line[len - 1] = '\0';
	fault = eg_argv_split(line, &word, &n);
	if (fault != NULL)
		return wrong(r, fault);
	if (n > 0)
		rc = take_words(r, word, n);
	if (rc != 1)
		free(word);
	return rc < 0 ? -1 : 0;
}

/* Refuses two nodes that share one file: they would count twice for the quorum. */
static int
check_pairs(const struct reader *r)
{
	const struct eg_cluster *c = r->c;

	for (size_t b = 1; b < c->n; b++)
		for (size_t a = 0; a < b; a++) {
			const char *common = eg_member_common(&c->node[a], &c->node[b]);

			if (common != NULL)
				return eg_fail(r->e, EG_CONFIG, "%s:%u: node '%s' has the same %s as node '%s' "
				    "in line %u", c->path, r->node_line[b], c->node[b].name, common,
				    c->node[a].name, r->node_line[a]);
		}
	return 0;
}

/* Checks the file as a whole, after all lines are read. */
static int
check_cluster(struct reader *r)
{
	struct eg_cluster *c = r->c;

	if (c->n == 0)
		return eg_fail(r->e, EG_CONFIG, "%s: no node in it", c->path);
	r->line = r->copies_line;
	if (c->strategy == EG_FULL) {
		if (r->copies_line != 0 && c->copies != c->n)
			return wrong(r, "copies goes with the strategy ring: full copies to all nodes");
		c->copies = c->n;
	} else if (r->copies_line == 0)
		c->copies = c->n < DEFAULT_COPIES ? c->n : DEFAULT_COPIES;
	if (c->copies > c->n)
		return eg_fail(r->e, EG_CONFIG, "%s:%u: %zu copies need more than the %zu node%s in it",
		    c->path, r->line, c->copies, c->n, c->n == 1 ? "" : "s");
	if (r->quorum_line == 0)
		c->quorum = c->copies / 2 + 1;
	r->line = r->quorum_line;
	if (c->quorum > c->copies)
		return eg_fail(r->e, EG_CONFIG, "%s:%u: a quorum of %zu is above the %zu cop%s of a record",
		    c->path, r->line, c->quorum, c->copies, c->copies == 1 ? "y" : "ies");
	return check_pairs(r);
}

static int
take_file_text(struct reader *r, size_t len)
{
	char *end = r->c->text + len, *line = r->c->text;

	if (memchr(r->c->text, '\0', len) != NULL)
		return eg_fail(r->e, EG_CONFIG, "%s: is not a text file", r->c->path);
	while (line < end) {
		char *nl = memchr(line, '\n', (size_t)(end - line));

		if (nl != NULL)
			*nl = '\0';
		r->line++;
		if (take_directive(r, line) != 0)
			return -1;
		line = nl != NULL ? nl + 1 : end;
	}
	return check_cluster(r);
}

static int
load_file(const char *path, char **text, size_t *len, struct eg_error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	*len = 0;
	*text = malloc(FILE_MAX + 1);
	if (fd < 0 || *text == NULL)
		eg_fail(e, fd < 0 ? eg_status_of(errno) : EG_BUG, "cannot open '%s': %s", path, strerror(errno));
	while (e->status == EG_OK && *len < FILE_MAX &&
	    (n = read(fd, *text + *len, FILE_MAX - *len)) > 0)
		*len += (size_t)n;
	if (e->status == EG_OK && n < 0)
		eg_fail(e, eg_status_of(errno), "cannot read '%s': %s", path, strerror(errno));
	if (*len == FILE_MAX)
		eg_fail(e, EG_CONFIG, "%s: is larger than 1 MiB", path);
	if (fd >= 0)
		close(fd);
	if (*text != NULL)
		(*text)[*len] = '\0';
	return e->status == EG_OK ? 0 : -1;
}

int
eg_cluster_open(struct eg_cluster *c, const char *path, struct eg_error *e)
{
	struct reader r = { .c = c, .e = e };
	size_t len;

	*c = (struct eg_cluster){ .path = path };
	if (load_file(path, &c->text, &len, e) == 0 && take_file_text(&r, len) == 0)
		return 0;
	eg_cluster_close(c);
	return -1;
}

void
eg_cluster_close(struct eg_cluster *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->words[i]);
	free(c->text);
	c->text = NULL;
	c->n = 0;
}

size_t
eg_cluster_find(const struct eg_cluster *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n && strcmp(c->node[i].name, name) != 0; i++)
		continue;
	return i;
}
