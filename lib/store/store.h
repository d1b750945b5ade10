/* SPDX-License-Identifier: MIT */
/* Records in a SQLite database. Functions block only for the disk and for locks. */
#ifndef EG_STORE_H
#define EG_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"
#include "record/time_arg.h"

struct eg_error;
struct eg_sink;
struct eg_store;

enum eg_store_mode {
	EG_STORE_READ,   /* must exist; nothing is written */
	EG_STORE_WRITE,  /* must exist */
	EG_STORE_CREATE, /* is made when it is not there */
};

/* Opens the store at path; the string must stay alive. keep_ns: how long deletions are
 * remembered. Waits up to 30 s for other programs' locks. NULL with *e if there is no such
 * file, or it is not a store, of a newer version, or damaged; it is not changed then. */
struct eg_store *eg_store_open(const char *path, enum eg_store_mode mode, int64_t keep_ns,
    struct eg_error *e);
void eg_store_close(struct eg_store *s);

/* Whether the path now leads to another file or to none, or the log or its index was removed
 * or replaced. What is written to s then is lost. eg_store_commit checks this itself. */
bool eg_store_moved(const struct eg_store *s);

/* For a store that is kept open to read: call this before each query. Opens the file again
 * if another one is at the path, or if it was written to and could not be locked (its folder
 * is read-only). -1 with *e if there is no store at the path now; then only this function
 * and eg_store_close may be called with s. */
int eg_store_refresh(struct eg_store *s, struct eg_error *e);

/* Call this after a query, before its result is used. -1 with *e (EG_TEMPORARY; an error in
 * *e is replaced) if the result may be inconsistent, because the store could not be locked
 * and was written to meanwhile. */
int eg_store_steady(const struct eg_store *s, struct eg_error *e);

/* The result of a batch. */
enum eg_store_outcome {
	EG_STORE_SAFE,   /* committed, and synced to disk */
	EG_STORE_LATER,  /* nothing was written, it may be tried again: no room, or locked */
	EG_STORE_FAILED, /* nothing was written, and will not be */
};

/* Commits n records in one transaction; returns when it is on disk. A later record of the
 * same key replaces an earlier one. The time of a record is its order. If it follows a
 * deletion, or replaces a record with a time, it gets a later one: its order, else the wall
 * clock, else the next possible time. Else its time is not known. Waits up to 2 s for a lock.
 * *e is filled unless the outcome is EG_STORE_SAFE. */
enum eg_store_outcome eg_store_put(struct eg_store *s, const struct eg_record *rec, size_t n,
    struct eg_error *e);

/* Fills in a sink that commits the batches of eg_stage_run, and waits while the disk is
 * full. path is for messages. NULL with *e when memory runs out. */
struct eg_store_sink *eg_store_sink_new(struct eg_store *s, const char *path,
    struct eg_sink *sink, struct eg_error *e);
void eg_store_sink_free(struct eg_store_sink *k);
/* Counters of transactions, and of records that replaced another; valid as long as s. */
const uint64_t *eg_store_commits(const struct eg_store *s);
const uint64_t *eg_store_replaced(const struct eg_store *s);

/* Receives what is read, one line with its newline a call. Returns 0 to continue, 1 to end
 * without an error, -1 with *e. */
struct eg_store_out {
	int (*line)(void *ctx, const char *text, size_t len, struct eg_error *e);
	void *ctx;
};

/* Parses `sensor:timestamp` at key into *r, which then points into buf. The key ends before
 * r->value_at - 1. */
#define EG_STORE_KEY_SIZE (EG_LINE_MAX + 4)
enum eg_fault eg_store_key_parse(const char *key, size_t len, char buf[EG_STORE_KEY_SIZE],
    struct eg_record *r);

/* Everything read between these two calls is one snapshot. */
int eg_store_snapshot(struct eg_store *s, struct eg_error *e);
void eg_store_end(struct eg_store *s);

/* What to read: records as they came in; records with the time at which the store took each
 * in (`sensor:timestamp:value:when`, 0: not known); or deletions (`sensor:timestamp:when`).
 * when is in nanoseconds since the epoch. */
enum eg_store_lines { EG_STORE_RECORDS, EG_STORE_DATED, EG_STORE_DELETIONS };

/* Passes to out the record with r's sensor and instant (what: not EG_STORE_DELETIONS), if
 * *found. */
int eg_store_get(struct eg_store *s, const struct eg_record *r, enum eg_store_lines what,
    const struct eg_store_out *out, bool *found, struct eg_error *e);

/* Passes to out the lines of one sensor in the order of time, from one snapshot, without holding
 * them in memory. An unknown sensor has none. */
int eg_store_range(struct eg_store *s, const char *name, size_t len,
    const struct eg_time_span *span, enum eg_store_lines what, const struct eg_store_out *out,
    struct eg_error *e);

/* The same for all sensors, sorted by the bytes of their names. */
int eg_store_dump(struct eg_store *s, const struct eg_time_span *span, enum eg_store_lines what,
    const struct eg_store_out *out, struct eg_error *e);

/* Passes to out the names of the sensors that have records, sorted by their bytes. */
int eg_store_sensors(struct eg_store *s, const struct eg_store_out *out, struct eg_error *e);

struct eg_store_facts {
	int64_t records, sensors, deletions, bytes;
	int64_t first, last;        /* when records > 0 */
	bool expired;               /* eg_store_expire was called */
	int64_t expired_before;
};

int eg_store_stat(struct eg_store *s, struct eg_store_facts *f, struct eg_error *e);

/* Passes to out `sensor:records:deletions:digest` for each sensor. Equal sets of records and
 * deletions have equal digests, in whatever order they were written. */
int eg_store_digest(struct eg_store *s, const struct eg_store_out *out, struct eg_error *e);

/* Passes to out `sensor:YYYY-MM-DD:records:deletions:digest` for each day (UTC) of one sensor.
 * */
int eg_store_days(struct eg_store *s, const char *name, size_t len,
    const struct eg_store_out *out, struct eg_error *e);

/* Sets *span to the UTC day that contains ns. */
void eg_store_day_span(int64_t ns, struct eg_time_span *span);

/* Between begin and commit: deletes one key, and remembers the deletion. at: its time (<
 * EG_WHEN_MAX). Without `last` nothing changes if the store knows that the record was
 * written again after at. With `last` the deletion comes after everything known of the key;
 * its time is at or later. A record that is written afterwards always gets a later time. */
int eg_store_begin(struct eg_store *s, struct eg_error *e);
int eg_store_delete(struct eg_store *s, const struct eg_record *r, int64_t at, bool last,
    struct eg_error *e);

/* Between begin and commit: adds a record of another store with its time there (0: not
 * known; < EG_WHEN_MAX). The later of this record and what the store has, record or
 * deletion, stays. Of two records with the same time the greater text stays, so that all
 * stores choose the same. */
int eg_store_merge(struct eg_store *s, const struct eg_record *r, int64_t written,
    struct eg_error *e);

/* Between begin and commit: the first removes the record if its spelling and value are those
 * of r, and remembers no deletion. The second forgets the deletion if its time is at.
 * Otherwise nothing changes. */
int eg_store_evict(struct eg_store *s, const struct eg_record *r, struct eg_error *e);
int eg_store_evict_deletion(struct eg_store *s, const struct eg_record *r, int64_t at,
    struct eg_error *e);

/* Commits what was done since begin, synced to disk. If it fails, nothing of that was done.
 * */
int eg_store_commit(struct eg_store *s, struct eg_error *e);

/* Removes all records before an instant, and remembers no deletions. Uses short
 * transactions, so that others can write meanwhile. *gone: how many. */
int eg_store_expire(struct eg_store *s, int64_t before, uint64_t *gone, struct eg_error *e);

/* Forgets deletions that are older than keep_ns. */
int eg_store_purge(struct eg_store *s, struct eg_error *e);

/* Checks the whole store. Calls found for each fault. *records, *faults: how many. */
int eg_store_check(struct eg_store *s, void (*found)(const char *text), uint64_t *records,
    uint64_t *faults, struct eg_error *e);

/* Copies a snapshot of s to dest, which appears whole or not at all, synced. Replaces a
 * store at dest unless a program has it open. -1 with *e for any other file at dest, and
 * after a signal (eg_stop_asked). Blocks while it copies. */
int eg_store_backup(struct eg_store *s, const char *dest, struct eg_error *e);

#endif
