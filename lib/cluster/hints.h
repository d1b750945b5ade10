/* SPDX-License-Identifier: MIT */
/* Hints (as in hinted handoff): records and deletions that a node has not received yet, kept on
 * disk in order. */
#ifndef EG_HINTS_H
#define EG_HINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_cluster;
struct eg_error;
struct eg_hints;

/* RECORDS: record lines for the node's stage. DELETIONS: keys for the node's verb `delete -`. */
enum eg_hint_kind { EG_HINT_RECORDS, EG_HINT_DELETIONS };

/* One hint: whole lines for a node. Hints are sent in the order of their numbers. */
struct eg_hint {
	int64_t seq;
	enum eg_hint_kind kind;
	uint64_t records;
	const char *text; /* NULL unless requested; valid until the next call */
	size_t len;
};

/* Opens the database in the folder dir for the nodes of c, which must stay valid. limit: the
 * largest number of records that may wait for one node. A damaged file is an error. With mend,
 * the whole file is checked; a damaged one is renamed, with a warning, and a new one is created. */
struct eg_hints *eg_hints_open(const char *dir, const struct eg_cluster *c, uint64_t limit,
    bool mend, struct eg_error *e);
void eg_hints_close(struct eg_hints *h);

/* Sets how long to wait for a lock that another process holds; the default is 20 s. A stage must
 * not block, so it waits for a short time only. After that time adds and commits fail with
 * EG_TEMPORARY, and eg_hints_next and eg_hints_refresh find nothing. */
void eg_hints_lock_wait(struct eg_hints *h, int64_t ms);

/* Adds a hint for the node with this index and sets its seq. It is on disk after the commit. */
int eg_hints_add(struct eg_hints *h, size_t node, struct eg_hint *hint, struct eg_error *e);

/* Marks hint seq, with this number of records, as received by the node: the commit deletes it. */
int eg_hints_done(struct eg_hints *h, size_t node, int64_t seq, uint64_t records,
    struct eg_error *e);

/* Commits the transaction; it is on disk when this returns 0. After any failure, all adds and
 * deletions since the last commit are undone. EG_TEMPORARY: the disk is full or the file is
 * locked; try again later. EG_LOCAL_IO: any other failure, also if the file was removed or
 * replaced. */
int eg_hints_commit(struct eg_hints *h, struct eg_error *e);

/* Whether this number of further records for node is within the limit. */
bool eg_hints_room(const struct eg_hints *h, size_t node, uint64_t records);

/* Reads the node's first hint after number seq, with its text if `text` is set. Returns 1 with
 * the hint in *out, 0 if there is none, -1 with *e. */
int eg_hints_next(struct eg_hints *h, size_t node, int64_t seq, bool text, struct eg_hint *out,
    struct eg_error *e);

/* Number of records in the hints of node, as of the last commit or refresh. */
uint64_t eg_hints_pending(const struct eg_hints *h, size_t node);

/* Reads what other processes have written. Returns 1 if something has changed, else 0; -1 with
 * *e, also if the file was removed or replaced. */
int eg_hints_refresh(struct eg_hints *h, struct eg_error *e);

/* eg_hints_note stores a node's last error with the next commit; the other function reads it
 * into out. */
int eg_hints_note(struct eg_hints *h, size_t node, const char *text, struct eg_error *e);
int eg_hints_noted(struct eg_hints *h, size_t node, char *out, size_t size, struct eg_error *e);

/* Counts the records in hints for nodes that are not in the cluster file. With drop, deletes
 * these hints. */
int eg_hints_strangers(struct eg_hints *h, bool drop, uint64_t *records, struct eg_error *e);

#endif
