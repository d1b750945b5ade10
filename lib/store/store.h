/* SPDX-License-Identifier: MIT */
/* Records in a SQLite database. Only lib/store/store*.c know SQLite. */
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

/* Opens the file at path (which must stay alive). keep_ns: deletions are remembered so
 * long. NULL with *e, the file untouched, when it is not ours, newer, or damaged. Waits
 * for other programs that hold the file. */
struct eg_store *eg_store_open(const char *path, enum eg_store_mode mode, int64_t keep_ns,
    struct eg_error *e);
void eg_store_close(struct eg_store *s);

/* Whether the path of s leads to another file now, or to none, or its log was removed or
 * replaced: what s would write is lost. eg_store_commit looks itself. */
bool eg_store_moved(const struct eg_store *s);

/* Before each question to a store that is kept open to read: opens it anew if another
 * file is at its path, or if it was written to and could not be locked (its folder is
 * read-only). -1 with *e if there is no store at the path now; then only this function and
 * eg_store_close may be called with s. */
int eg_store_refresh(struct eg_store *s, struct eg_error *e);

/* Behind a question, before its answer is given: -1 with *e (EG_TEMPORARY, in the place of
 * what it held) if the answer may be mixed, because the store could not be locked and was
 * written to meanwhile. */
int eg_store_steady(const struct eg_store *s, struct eg_error *e);

/* What became of a batch. */
enum eg_store_outcome {
	EG_STORE_SAFE,   /* committed, and synced to disk */
	EG_STORE_LATER,  /* nothing was written, it may be tried again: no room, or locked */
	EG_STORE_FAILED, /* nothing was written, and will not be */
};

/* Commits n records in one transaction. A later record of the same key replaces an
 * earlier one. Each is noted with the time of its order, else of the clock, but always
 * later than what it replaces or the deletion it follows. *e is filled unless the outcome
 * is EG_STORE_SAFE. */
enum eg_store_outcome eg_store_put(struct eg_store *s, const struct eg_record *rec, size_t n,
    struct eg_error *e);

/* Fills in a sink that commits what eg_stage_run gives it, and waits while there is no
 * room, naming path in messages. NULL with *e when memory runs out. */
struct eg_store_sink *eg_store_sink_new(struct eg_store *s, const char *path,
    struct eg_sink *sink, struct eg_error *e);
void eg_store_sink_free(struct eg_store_sink *k);
/* Transactions, and records that replaced another. They live as long as s. */
const uint64_t *eg_store_commits(const struct eg_store *s);
const uint64_t *eg_store_replaced(const struct eg_store *s);

/* Where what is read goes, a line with its newline at a time: 0; 1 to end early without
 * an error; -1 with *e. */
struct eg_store_out {
	int (*line)(void *ctx, const char *text, size_t len, struct eg_error *e);
	void *ctx;
};

/* Parses `sensor:timestamp` at key into *r, which then points into buf; r->value_at
 * is behind the key. */
#define EG_STORE_KEY_SIZE (EG_LINE_MAX + 4)
enum eg_fault eg_store_key_parse(const char *key, size_t len, char buf[EG_STORE_KEY_SIZE],
    struct eg_record *r);

/* What is read between the two is one snapshot. */
int eg_store_snapshot(struct eg_store *s, struct eg_error *e);
void eg_store_end(struct eg_store *s);

/* What is read: records as they came in; the same with the time at which each was taken
 * in (`sensor:timestamp:value:when`, 0: not known); or deletions (`sensor:timestamp:when`).
 * when: nanoseconds since the epoch. */
enum eg_store_lines { EG_STORE_RECORDS, EG_STORE_DATED, EG_STORE_DELETIONS };

/* The record (not a deletion) with r's sensor and instant; *found: there is one. */
int eg_store_get(struct eg_store *s, const struct eg_record *r, enum eg_store_lines what,
    const struct eg_store_out *out, bool *found, struct eg_error *e);

/* The lines of one sensor by time. One snapshot, streamed. A sensor that is not there has
 * none. */
int eg_store_range(struct eg_store *s, const char *name, size_t len,
    const struct eg_time_span *span, enum eg_store_lines what, const struct eg_store_out *out,
    struct eg_error *e);

/* The same of all sensors, by the bytes of their names. */
int eg_store_dump(struct eg_store *s, const struct eg_time_span *span, enum eg_store_lines what,
    const struct eg_store_out *out, struct eg_error *e);

/* The names of the sensors that have records, sorted by their bytes. */
int eg_store_sensors(struct eg_store *s, const struct eg_store_out *out, struct eg_error *e);

struct eg_store_facts {
	int64_t records, sensors, deletions, bytes;
	int64_t first, last;        /* when records > 0 */
	bool expired;               /* eg_store_expire was called */
	int64_t expired_before;
};

int eg_store_stat(struct eg_store *s, struct eg_store_facts *f, struct eg_error *e);

/* `sensor:records:deletions:digest` for each sensor. Equal sets of records and deletions
 * have equal digests, in whatever order and file they were written. */
int eg_store_digest(struct eg_store *s, const struct eg_store_out *out, struct eg_error *e);

/* `sensor:YYYY-MM-DD:records:deletions:digest` for each day of one sensor, in UTC. */
int eg_store_days(struct eg_store *s, const char *name, size_t len,
    const struct eg_store_out *out, struct eg_error *e);

/* The instants of the day, in UTC, that ns lies in. */
void eg_store_day_span(int64_t ns, struct eg_time_span *span);

/* Times of deletions and orders of records are less than this (in the year 2116), so that
 * others can follow them. */
#define EG_STORE_WHEN_MAX (INT64_C(1) << 62)

/* Deletes one key in one transaction with others between begin and commit, and
 * remembers it. at (< EG_STORE_WHEN_MAX): when it was deleted; if the key was written again
 * after that, nothing changes. With last set the deletion follows all that is known of the
 * key: it is dated at or later. What is written after a deletion is always dated later. */
int eg_store_begin(struct eg_store *s, struct eg_error *e);
int eg_store_delete(struct eg_store *s, const struct eg_record *r, int64_t at, bool last,
    struct eg_error *e);

/* Within begin and commit: takes in a record of another store with its time (0: not known,
 * < EG_STORE_WHEN_MAX). The later of it and what is kept stays, record or deletion; of two
 * records of one time the greater text, so that all stores choose alike. */
int eg_store_merge(struct eg_store *s, const struct eg_record *r, int64_t written,
    struct eg_error *e);

/* Within begin and commit: removes the record if it is r, spelling and value, without
 * remembering it as deleted; forgets a deletion if it is kept with this time. What is
 * not so is left alone. */
int eg_store_evict(struct eg_store *s, const struct eg_record *r, struct eg_error *e);
int eg_store_evict_deletion(struct eg_store *s, const struct eg_record *r, int64_t at,
    struct eg_error *e);

/* Commits what was done since begin; nothing of it has happened when it fails. */
int eg_store_commit(struct eg_store *s, struct eg_error *e);

/* Removes all records before an instant, without remembering each, in transactions that
 * let others write in between; *gone counts them. */
int eg_store_expire(struct eg_store *s, int64_t before, uint64_t *gone, struct eg_error *e);

/* Forgets deletions that are older than keep_ns. */
int eg_store_purge(struct eg_store *s, struct eg_error *e);

/* Calls found for each thing that is wrong; *records counts what was looked at. */
int eg_store_check(struct eg_store *s, void (*found)(const char *text), uint64_t *records,
    uint64_t *faults, struct eg_error *e);

/* Copies a snapshot of s to dest, which appears whole or not at all. An existing
 * store is replaced; anything else at dest is an error, and so is eg_stop_asked. */
int eg_store_backup(struct eg_store *s, const char *dest, struct eg_error *e);

#endif
