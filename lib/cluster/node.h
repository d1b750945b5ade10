/* SPDX-License-Identifier: MIT */
/* A node of a cluster: its command as a child process, the records in flight to it, and its
 * hints. */
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

/* An order line (see record/record.h) followed by record lines. Several replicas share one text.
 * A hint has text of the same form. */
struct eg_text {
	unsigned refs;
	size_t head; /* length of the order line in bytes; 0: none */
	size_t len;  /* total length in bytes */
	char bytes[];
};

/* eg_text_new makes a text with room for len bytes of lines after the order line (order 0: no
 * order line). eg_text_new and eg_text_share return NULL if memory runs out. */
struct eg_text *eg_text_new(int64_t order, size_t len);
struct eg_text *eg_text_copy(const char *bytes, size_t len);
void eg_text_drop(struct eg_text *t);

/* The records of one batch for one node, or a hint read from disk. */
struct eg_replica {
	struct eg_chunk chunk;
	struct eg_text *text; /* the replica owns one reference to it */
	struct eg_node *node;
	void *write; /* owned by the caller; NULL: no write waits for this replica */
	enum eg_hint_kind kind;
	uint64_t records;
	int64_t seq; /* number of its hint, once that is saved */
	bool saved;  /* the hint is on disk */
	bool sent;   /* the replica was sent to the child */
	TAILQ_ENTRY(eg_replica) link;
};

TAILQ_HEAD(eg_replicas, eg_replica);

/* Callbacks to the owner of a node, with the owner's ctx. */
struct eg_node_calls {
	/* Each line of the replica for this write has a receipt or was refused. */
	void (*settled)(void *ctx, struct eg_node *n, void *write);
	/* The node refused for good the line at this offset after the order line. */
	void (*refused)(void *ctx, struct eg_node *n, void *write, size_t offset);
};

struct eg_node_config {
	const struct eg_node_calls *calls;
	void *ctx;
	struct eg_hints *hints;
	int64_t timeout_ms; /* limit in ms without a receipt, after which a command counts as
			     * hanging */
};

#define EG_NODE_FDS (2 * EG_CHILD_FDS)

struct eg_node {
	const struct eg_member *member;
	char name[80]; /* the child's name in messages */
	size_t index;
	const struct eg_node_config *cfg;
	struct eg_child *child[2]; /* the children for records and for deletions */
	char **delete_argv;        /* argv of the child for deletions */
	/* Replicas in order: first those sent to the child, then waiting ones. While the node is
	 * behind, each replica also has a hint; later ones may exist only as hints on disk. */
	struct eg_replicas list;
	struct eg_replicas done; /* settled replicas whose hints still have to be deleted */
	size_t flying, replicas; /* bytes and replicas that were sent to the child and are not
				  * settled */
	size_t unmarked;       /* bytes in done */
	bool behind;
	bool unsaved;          /* the node is behind, and a part of the list is not saved yet */
	int64_t loaded;        /* hints up to this number were sent or are in the list */
	bool failed;           /* marked as failed by the user */
	bool restarting;       /* its command ended with records unsettled and has not started
			        * again */
	struct eg_backoff_log trouble; /* retry.due: end of the pause before the next start */
	char error[320];
	bool noted;            /* the error is stored in the hints database */
	uint64_t refusals, restarts;
	struct pollfd fds[EG_NODE_FDS];
};

int eg_node_open(struct eg_node *n, const struct eg_member *m, size_t index,
    const struct eg_node_config *cfg, struct eg_error *e);
void eg_node_close(struct eg_node *n);

/* Adds a replica at the end of the list; the node owns it. */
void eg_node_queue(struct eg_node *n, struct eg_replica *s);

/* Detaches the replica from its write, since its hint is on disk. */
void eg_node_detach(struct eg_replica *s);

/* Marks the node as behind: until it has caught up, all its records become hints before they are
 * sent. */
void eg_node_fall_behind(struct eg_node *n);

/* Marks the node as failed by the user (true), or removes the mark. */
void eg_node_fail(struct eg_node *n, bool failed);

/* Whether the node is known to be unreachable at this moment. */
bool eg_node_away(const struct eg_node *n, int64_t now);

/* Whether its commands have no unsettled records, and none of them is being ended. eg_node_drop
 * takes unsettled records back; they are sent again from a hint or from the write. */
bool eg_node_idle(const struct eg_node *n);
void eg_node_drop(struct eg_node *n);

/* The time, on eg_mono_ms's clock, when its command last read a record or gave a receipt. */
int64_t eg_node_moved(const struct eg_node *n);

/* Does the work of the children that is due; does not block. */
int eg_node_work(struct eg_node *n, int64_t now, struct eg_error *e);
size_t eg_node_poll(struct eg_node *n, struct pollfd *fds, int64_t *due);
void eg_node_polled(struct eg_node *n, const struct pollfd *fds);

/* eg_node_end closes the input of the commands. eg_node_ended: whether all of them have ended. */
void eg_node_end(struct eg_node *n);
bool eg_node_ended(const struct eg_node *n);

/* Hints (node_hints.c). Whether there is something to commit to the hints database; a replica
 * that the limit has no room for does not count. */
bool eg_node_dirty(const struct eg_node *n);

/* Whether a replica that must become a hint waits for room under the limit. */
bool eg_node_full(const struct eg_node *n);

/* Tells the node that another process has changed the hints. */
void eg_node_refreshed(struct eg_node *n);

/* eg_node_save adds to the transaction the new hints, as far as the limit allows, and the
 * deletions of settled ones. Call eg_node_saved after the commit has succeeded. */
int eg_node_save(struct eg_node *n, struct eg_error *e);
void eg_node_saved(struct eg_node *n);

/* Sends waiting replicas to the child, up to the child's limits. */
int eg_node_send(struct eg_node *n, struct eg_error *e);

/* Only for the files of this module. */
void eg_replica_free(struct eg_replica *s);
void eg_node_pass(struct eg_node *n, struct eg_replica *s);

#endif
