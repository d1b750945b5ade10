/* SPDX-License-Identifier: MIT */
/* A node of a cluster: its command as a child, the records in flight to it, its hints. */
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

/* An order line (see record/record.h) and record lines after it, shared by several replicas. The
 * text of a hint has the same form. */
struct eg_text {
	unsigned refs;
	size_t head; /* bytes of the order line; 0: none */
	size_t len;  /* bytes in all */
	char bytes[];
};

/* eg_text_new leaves room for len bytes of lines behind the order line (order 0: none).
 * Both return NULL when memory runs out. */
struct eg_text *eg_text_new(int64_t order, size_t len);
struct eg_text *eg_text_copy(const char *bytes, size_t len);
void eg_text_drop(struct eg_text *t);

/* The records of one batch for one node, or a hint that was read back from disk. */
struct eg_replica {
	struct eg_chunk chunk;
	struct eg_text *text; /* one reference is the replica's */
	struct eg_node *node;
	void *fanout; /* the caller's; NULL: nobody waits for this replica */
	enum eg_hint_kind kind;
	uint64_t records;
	int64_t seq; /* of its hint, once saved */
	bool saved;  /* its hint is on disk */
	bool sent;   /* it was sent to the child */
	TAILQ_ENTRY(eg_replica) link;
};

TAILQ_HEAD(eg_replicas, eg_replica);

/* Callbacks to the owner of a node, with the owner's ctx. */
struct eg_node_calls {
	/* Every line of the fanout's replica has a receipt or was refused. */
	void (*settled)(void *ctx, struct eg_node *n, void *fanout);
	/* The node refused the line at this offset behind the order line for good. */
	void (*refused)(void *ctx, struct eg_node *n, void *fanout, size_t offset);
};

struct eg_node_config {
	const struct eg_node_calls *calls;
	void *ctx;
	struct eg_hints *hints;
	int64_t timeout_ms; /* a command that gives no receipt for this long counts as hanging */
};

#define EG_NODE_FDS (2 * EG_CHILD_FDS)

struct eg_node {
	const struct eg_member *member;
	char name[80]; /* for messages of the children */
	size_t index;
	const struct eg_node_config *cfg;
	struct eg_child *child[2]; /* for records and for deletions */
	char **delete_argv;        /* the argv of the second */
	/* Replicas in order: first those that the child has, then waiting ones. While the node
	 * is behind, each of them is a hint, too, and a waiting one may be on disk only. */
	struct eg_replicas list;
	struct eg_replicas done; /* settled replicas whose hints are not deleted yet */
	size_t flying, replicas; /* bytes and replicas that the child has */
	size_t unmarked;       /* bytes of done */
	bool behind;
	bool unsaved;          /* behind, and a part of the list is not saved yet */
	int64_t loaded;        /* hints up to this number were sent, or are in the list */
	bool failed;           /* by hand */
	bool restarting;       /* its command ended with work left and has not started again */
	struct eg_backoff_log trouble; /* retry.due: end of the pause */
	char error[320];
	bool noted;            /* the error is stored in the hints file */
	uint64_t refusals, restarts;
	struct pollfd fds[EG_NODE_FDS];
};

int eg_node_open(struct eg_node *n, const struct eg_member *m, size_t index,
    const struct eg_node_config *cfg, struct eg_error *e);
void eg_node_close(struct eg_node *n);

/* Queues a replica after all others; the node owns it. */
void eg_node_queue(struct eg_node *n, struct eg_replica *s);

/* Call when the fanout no longer waits for the replica, since its hint is on disk. */
void eg_node_detach(struct eg_replica *s);

/* Marks the node as behind: until it has caught up, all its records become hints first. */
void eg_node_fall_behind(struct eg_node *n);

/* Marks the node as failed by the user (true), or removes the mark. */
void eg_node_fail(struct eg_node *n, bool failed);

/* Whether the node is known to be unreachable now. */
bool eg_node_away(const struct eg_node *n, int64_t now);

/* Whether its commands have no unsettled records and none is being ended. eg_node_drop takes
 * such records back; they are sent again from a hint or the fanout. */
bool eg_node_idle(const struct eg_node *n);
void eg_node_drop(struct eg_node *n);

/* When its command last read a record or gave a receipt. */
int64_t eg_node_moved(const struct eg_node *n);

/* Drives the children. */
int eg_node_work(struct eg_node *n, int64_t now, struct eg_error *e);
size_t eg_node_poll(struct eg_node *n, struct pollfd *fds, int64_t *due);
void eg_node_polled(struct eg_node *n, const struct pollfd *fds);

/* eg_node_end closes the input of the commands; eg_node_ended: whether they have ended. */
void eg_node_end(struct eg_node *n);
bool eg_node_ended(const struct eg_node *n);

/* Hints (node_hints.c). Whether a commit of the hints would change anything. A replica for
 * which the limit has no room does not count. */
bool eg_node_dirty(const struct eg_node *n);

/* Whether a replica that has to become a hint waits for room under the limit. */
bool eg_node_full(const struct eg_node *n);

/* To be called when another process has written to the hints. */
void eg_node_refreshed(struct eg_node *n);

/* Before the commit: adds to the transaction the hints to write, as far as the limit allows,
 * and those to delete. eg_node_saved: after a commit that succeeded. */
int eg_node_save(struct eg_node *n, struct eg_error *e);
void eg_node_saved(struct eg_node *n);

/* Gives waiting replicas to the child, up to its limits. */
int eg_node_send(struct eg_node *n, struct eg_error *e);

/* For the files of this module only. */
void eg_replica_free(struct eg_replica *s);
void eg_node_pass(struct eg_node *n, struct eg_replica *s);

#endif
