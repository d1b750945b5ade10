/* SPDX-License-Identifier: MIT */
/* Hints: records and deletions that a node still has to get, on disk, in order. */
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

/* Whole lines for a node. Hints are sent in the order of their numbers. */
struct eg_hint {
	int64_t seq;
	enum eg_hint_kind kind;
	uint64_t records;
	const char *text; /* NULL when not asked for; else valid until the next call */
	size_t len;
};

/* Opens the database in the folder dir, for the nodes of c (kept by reference). limit: the
 * records that may wait for one node. A damaged file is a failure; with mend all of it is
 * checked, and a damaged one is renamed, with a warning, and a new one is made. */
struct eg_hints *eg_hints_open(const char *dir, const struct eg_cluster *c, uint64_t limit,
    bool mend, struct eg_error *e);
void eg_hints_close(struct eg_hints *h);

/* How long to wait for a lock that another process holds; 20 s after opening. A stage must
 * not block: after its short wait adds and commits fail with EG_TEMPORARY, and eg_hints_next
 * and eg_hints_refresh find nothing. */
void eg_hints_lock_wait(struct eg_hints *h, int64_t ms);

/* Adds a hint for node (an index) and sets its seq. It is on disk only after the commit. */
int eg_hints_add(struct eg_hints *h, size_t node, struct eg_hint *hint, struct eg_error *e);

/* The node has received the hint seq, with this many records: deletes it with the commit. */
int eg_hints_done(struct eg_hints *h, size_t node, int64_t seq, uint64_t records,
    struct eg_error *e);

/* Ends the transaction, on disk when it returns 0. After any failure all adds and dones since
 * the last commit are undone. EG_TEMPORARY: the disk is full or the file is locked, so try again
 * later. EG_LOCAL_IO: any other failure, also if the file was removed or replaced. */
int eg_hints_commit(struct eg_hints *h, struct eg_error *e);

/* Whether the limit leaves room for so many records more for node. */
bool eg_hints_room(const struct eg_hints *h, size_t node, uint64_t records);

/* The first hint of node after the number seq, with its text or without. 1: it is in *out;
 * 0: there is none; -1: *e. */
int eg_hints_next(struct eg_hints *h, size_t node, int64_t seq, bool text, struct eg_hint *out,
    struct eg_error *e);

/* Records in the hints of node, as of the last commit or refresh. */
uint64_t eg_hints_pending(const struct eg_hints *h, size_t node);

/* Reads what other processes have written. 1: something has changed. -1 with *e, also when the
 * file was removed or replaced. */
int eg_hints_refresh(struct eg_hints *h, struct eg_error *e);

/* Stores a node's last error (with the next commit); reads the stored one into out. */
int eg_hints_note(struct eg_hints *h, size_t node, const char *text, struct eg_error *e);
int eg_hints_noted(struct eg_hints *h, size_t node, char *out, size_t size, struct eg_error *e);

/* Counts the records in hints of nodes that are not in the cluster file; with drop deletes
 * these hints. */
int eg_hints_strangers(struct eg_hints *h, bool drop, uint64_t *records, struct eg_error *e);

#endif
