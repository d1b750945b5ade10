/* SPDX-License-Identifier: MIT */
/* What nodes are owed: hints, kept on disk in the order in which they have to arrive. */
#ifndef EG_HINTS_H
#define EG_HINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_cluster;
struct eg_error;
struct eg_hints;

/* RECORDS are lines for the node's stage, DELETIONS are keys for its verb `delete -`. */
enum eg_hint_kind { EG_HINT_RECORDS, EG_HINT_DELETIONS };

/* Some whole lines that a node is owed. Numbers grow in the order of the debts. */
struct eg_hint {
	int64_t seq;
	enum eg_hint_kind kind;
	uint64_t records;
	const char *text; /* NULL when it was not asked for; else until another call */
	size_t len;
};

/* Opens the database in the folder dir, for the nodes of c (kept by reference). limit:
 * records owed to one node at most. A file that is damaged is a failure; with mend all of
 * it is looked through, and a damaged one is set aside under another name, warned of, and
 * a new one is begun. */
struct eg_hints *eg_hints_open(const char *dir, const struct eg_cluster *c, uint64_t limit,
    bool mend, struct eg_error *e);
void eg_hints_close(struct eg_hints *h);

/* How long a lock that another process holds is waited for; 20 s after opening. A stage
 * must not block: after its short wait adds and commits are EG_TEMPORARY, and
 * eg_hints_next and eg_hints_refresh find nothing. */
void eg_hints_patience(struct eg_hints *h, int64_t ms);

/* Adds to what node (an index) is owed; h->seq is set. On disk only after the commit. */
int eg_hints_add(struct eg_hints *h, size_t node, struct eg_hint *hint, struct eg_error *e);

/* The debt seq to node, of so many records, has arrived. With the commit. */
int eg_hints_done(struct eg_hints *h, size_t node, int64_t seq, uint64_t records,
    struct eg_error *e);

/* Ends the transaction, on disk when it returns 0. After any failure (EG_LOCAL_IO) all
 * adds and dones since the last commit are undone, also when the file was removed or
 * replaced; when the disk is full (or the limit
 * reached, see eg_hints_room) it is worth while to try them again later: EG_TEMPORARY. */
int eg_hints_commit(struct eg_hints *h, struct eg_error *e);

/* Whether the limit leaves room for so many records more for node. */
bool eg_hints_room(const struct eg_hints *h, size_t node, uint64_t records);

/* The first debt to node behind the number seq, with its text or without. 1: it is in
 * *out; 0: there is none; -1: *e. */
int eg_hints_next(struct eg_hints *h, size_t node, int64_t seq, bool text, struct eg_hint *out,
    struct eg_error *e);

/* Records that node is owed, as of the last commit or refresh. */
uint64_t eg_hints_pending(const struct eg_hints *h, size_t node);

/* Takes notice of what other processes have written: 1 when that changed anything. -1
 * with *e, also when the file was removed or replaced. */
int eg_hints_refresh(struct eg_hints *h, struct eg_error *e);

/* Keeps a node's last error (with the next commit), and prints the one kept into out. */
int eg_hints_note(struct eg_hints *h, size_t node, const char *text, struct eg_error *e);
int eg_hints_noted(struct eg_hints *h, size_t node, char *out, size_t size, struct eg_error *e);

/* Records owed to nodes that are not in the cluster file; with drop they are given up. */
int eg_hints_strangers(struct eg_hints *h, bool drop, uint64_t *records, struct eg_error *e);

#endif
