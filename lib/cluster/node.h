/* SPDX-License-Identifier: MIT */
/* A node of a cluster: its command as a child, what is on its way to it, what it is owed. */
#ifndef EG_NODE_H
#define EG_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/backoff_log.h"
#include "cluster/hints.h"
#include "stage/child.h"

struct eg_error;
struct eg_member;
struct eg_node;

/* Lines that several shares may point to, and in front of them an order line, by which
 * stores date them: see record/record.h. This is also the text of a hint. */
struct eg_text {
	unsigned refs;
	size_t head; /* bytes of the order line; 0: there is none */
	size_t len;  /* of all */
	char bytes[];
};

/* One with room for len bytes of lines behind its head; order 0: no order line. NULL: out
 * of memory, also of the other. */
struct eg_text *eg_text_new(int64_t order, size_t len);
struct eg_text *eg_text_copy(const char *bytes, size_t len);
void eg_text_drop(struct eg_text *t);

/* What one node is to get of one batch, or a debt that was read back from disk. */
struct eg_replica {
	struct eg_chunk unit;
	struct eg_text *text; /* this share's reference */
	struct eg_node *node;
	void *flight; /* the caller's; NULL: nobody waits for this share any more */
	enum eg_hint_kind kind;
	uint64_t records;
	int64_t seq; /* of its hint, once saved */
	bool saved;  /* its hint is on disk */
	bool sent;   /* the child has it */
	TAILQ_ENTRY(eg_replica) link;
};

TAILQ_HEAD(eg_replicas, eg_replica);

/* Told to the owner of a node, with the owner's ctx. */
struct eg_node_calls {
	/* Flight's share has a receipt for every line that was not refused. */
	void (*settled)(void *ctx, struct eg_node *n, void *flight);
	/* The line at this offset behind the text's head was refused by the node for good. */
	void (*refused)(void *ctx, struct eg_node *n, void *flight, size_t offset);
};

struct eg_node_config {
	const struct eg_node_calls *calls;
	void *ctx;
	struct eg_hints *hints;
	int64_t timeout_ms; /* without a receipt: it hangs */
};

#define EG_NODE_FDS (2 * EG_CHILD_FDS)

struct eg_node {
	const struct eg_member *member;
	char name[80]; /* for messages of the children */
	size_t index;
	const struct eg_node_config *cfg;
	struct eg_child *child[2]; /* for records and for deletions */
	char **bury;               /* the argv of the second */
	/* In order: shares that the child has, then those that wait. Once the node is
	 * behind all of them are hints too, and what waits may be on disk only. */
	struct eg_replicas list;
	struct eg_replicas done; /* settled, but their hints are still there */
	size_t flying, shares; /* bytes that the child has, and of how many shares */
	size_t unmarked;       /* bytes of those done */
	bool behind;
	bool unsaved;          /* behind, but not all of the list is saved yet */
	int64_t loaded;        /* hints up to this number were sent, or are in the list */
	bool failed;           /* by hand */
	bool restarting;       /* the last look found its command ended, with work left */
	struct eg_backoff_log trouble; /* retry.due: nothing is tried before */
	char error[320];
	bool noted;            /* error is in the hints file */
	uint64_t refusals, restarts;
	struct pollfd fds[EG_NODE_FDS];
};

int eg_node_open(struct eg_node *n, const struct eg_member *m, size_t index,
    const struct eg_node_config *cfg, struct eg_error *e);
void eg_node_close(struct eg_node *n);

/* Takes over a share of a flight, behind all others. */
void eg_node_give(struct eg_node *n, struct eg_replica *s);

/* Nobody waits for the share any more: its hint is on disk. */
void eg_node_detach(struct eg_replica *s);

/* From now on everything that the node is to get is kept as hints first, until it has
 * caught up. */
void eg_node_fall_behind(struct eg_node *n);

/* Takes the node out by hand (true), or lets it come back. */
void eg_node_fail(struct eg_node *n, bool failed);

/* Whether it is known that the node does not answer now. */
bool eg_node_away(const struct eg_node *n, int64_t now);

/* Whether its commands have nothing of ours; and takes back what they have, which a hint
 * or the flight brings again. An idle one that is being ended counts as busy. */
bool eg_node_idle(const struct eg_node *n);
void eg_node_drop(struct eg_node *n);

/* When its command last moved anything. */
int64_t eg_node_moved(const struct eg_node *n);

/* Drives the children. */
int eg_node_work(struct eg_node *n, int64_t now, struct eg_error *e);
size_t eg_node_poll(struct eg_node *n, struct pollfd *fds, int64_t *due);
void eg_node_polled(struct eg_node *n, const struct pollfd *fds);

/* Asks the commands to end, and whether they are gone. */
void eg_node_end(struct eg_node *n);
bool eg_node_ended(const struct eg_node *n);

/* The debts (node_hints.c). Whether a commit of the hints would change anything, which a
 * share for which the limit has no room does not. */
bool eg_node_dirty(const struct eg_node *n);

/* Whether the limit leaves something out of the hints that has to go into them. */
bool eg_node_full(const struct eg_node *n);

/* Another process has written to the hints. */
void eg_node_refreshed(struct eg_node *n);

/* Before the commit: what has to be on disk, and what need not be any more, goes into the
 * transaction as far as the limit allows. After it, when it went well: marks and forgets
 * accordingly. */
int eg_node_save(struct eg_node *n, struct eg_error *e);
void eg_node_saved(struct eg_node *n);

/* Hands what waits to the child, as far as it should have it. */
int eg_node_send(struct eg_node *n, struct eg_error *e);

/* For the parts of this module. */
void eg_replica_free(struct eg_replica *s);
void eg_node_pass(struct eg_node *n, struct eg_replica *s);

#endif
