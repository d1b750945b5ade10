/* SPDX-License-Identifier: MIT */
/* Keeps records in a SQLite database. Functions block only for the disk and for locks. */
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

/* The ends of the names of a store's files, for eg_options_own. */
#define EG_STORE_ENDS ((const char *const[]){ "", "-wal", "-shm", "-journal", NULL })

enum eg_store_mode {
	EG_STORE_READ,   /* the file must exist; it is not written to */
	EG_STORE_WRITE,  /* the file must exist */
	EG_STORE_CREATE, /* creates the file if it does not exist */
};

/* Opens the store at path; the string must stay valid. keep_ns: how long deletions are
 * remembered. Waits up to 30 s for locks of other programs. NULL with *e, and the file
 * unchanged, if it does not exist, is not a store, is of a newer version, or is damaged. */
struct eg_store *eg_store_open(const char *path, enum eg_store_mode mode, int64_t keep_ns,
    struct eg_error *e);
void eg_store_close(struct eg_store *s);

/* Writes the identity of the open file, 32 hexadecimal digits: a hash of the machine's boot id, the
 * device and the inode. Two stores have the same one if they are one file, by whatever path,
 * container or ssh command it was reached; a copy has another. It changes when the machine starts
 * again, and a file on a network file system has one on each machine. -1 with *e (EG_LOCAL_IO). */
#define EG_STORE_IDENTITY 33
int eg_store_identity(const struct eg_store *s, char out[EG_STORE_IDENTITY], struct eg_error *e);

/* Whether path now leads to another file or to none, or the log or its index was removed or
 * replaced. Data written to s would then be lost. eg_store_commit checks this itself. */
bool eg_store_moved(const struct eg_store *s);

/* For a store that stays open for reading: call this before each query. Opens the file again in
 * two cases: path leads to another file, or the file could not be locked (its folder is
 * read-only) and was written to. -1 with *e if there is no store at path now; then only this
 * function and eg_store_close may be called with s. */
int eg_store_refresh(struct eg_store *s, struct eg_error *e);

/* Call this after a query, before using its result. -1 with *e (EG_TEMPORARY; replaces an error
 * in *e) if the result may be inconsistent, since the store could not be locked and was written
 * to during the query. */
int eg_store_steady(const struct eg_store *s, struct eg_error *e);

/* The result of a batch. */
enum eg_store_outcome {
	EG_STORE_SAFE,   /* committed and synced to disk */
	EG_STORE_LATER,  /* nothing was written: no room, or locked; may be tried again */
	EG_STORE_FAILED, /* nothing was written, and another attempt fails, too */
};

/* Commits n records in one transaction; they are on disk when this returns EG_STORE_SAFE. A
 * later record of the same key replaces an earlier one. Each record's `order` is saved as its
 * time of writing. If the record follows a deletion, or replaces a record with a time of
 * writing, it gets a later time: its order, else the wall clock, else the next possible time.
 * Otherwise, without an order, the time is unknown. Waits up to 2 s for a lock. *e is set unless
 * the outcome is EG_STORE_SAFE. */
enum eg_store_outcome eg_store_put(struct eg_store *s, const struct eg_record *rec, size_t n,
    struct eg_error *e);

/* Makes a sink for eg_stage_run that commits each batch, and waits while the disk is full. path
 * is for messages. NULL with *e if memory runs out. */
struct eg_store_sink *eg_store_sink_new(struct eg_store *s, const char *path,
    struct eg_sink *sink, struct eg_error *e);
void eg_store_sink_free(struct eg_store_sink *k);
/* Counters, valid as long as s: transactions, and records that replaced another one. */
const uint64_t *eg_store_commits(const struct eg_store *s);
const uint64_t *eg_store_replaced(const struct eg_store *s);

/* Receives the output of queries: one call per line, with its newline. Returns 0 to continue, 1
 * to end without an error, -1 with *e. */
struct eg_store_out {
	int (*line)(void *ctx, const char *text, size_t len, struct eg_error *e);
	void *ctx;
};

/* Parses `sensor:timestamp` at key into *r, which then points into buf. The key ends at
 * r->value_at - 1. */
#define EG_STORE_KEY_SIZE (EG_LINE_MAX + 4)
enum eg_fault eg_store_key_parse(const char *key, size_t len, char buf[EG_STORE_KEY_SIZE],
    struct eg_record *r);

/* All reading between these two calls sees one snapshot. */
int eg_store_snapshot(struct eg_store *s, struct eg_error *e);
void eg_store_end(struct eg_store *s);

/* What to read: records as they were written; records with their time of writing appended
 * (`sensor:timestamp:value:when`; 0: unknown); or deletions (`sensor:timestamp:when`). `when` is
 * in nanoseconds since 1970. */
enum eg_store_lines { EG_STORE_RECORDS, EG_STORE_DATED, EG_STORE_DELETIONS };

/* Passes the record with r's sensor and instant to out and sets *found; if there is none, *found
 * is false. `what` is not EG_STORE_DELETIONS. */
int eg_store_get(struct eg_store *s, const struct eg_record *r, enum eg_store_lines what,
    const struct eg_store_out *out, bool *found, struct eg_error *e);

/* Passes the lines of one sensor to out in order of time, from one snapshot. They are not
 * collected in memory. An unknown sensor has no lines. */
int eg_store_range(struct eg_store *s, const char *name, size_t len,
    const struct eg_time_span *span, enum eg_store_lines what, const struct eg_store_out *out,
    struct eg_error *e);

/* As eg_store_range for all sensors, sorted by the bytes of their names. */
int eg_store_dump(struct eg_store *s, const struct eg_time_span *span, enum eg_store_lines what,
    const struct eg_store_out *out, struct eg_error *e);

/* Passes the names of all sensors with records to out, sorted by their bytes. */
int eg_store_sensors(struct eg_store *s, const struct eg_store_out *out, struct eg_error *e);

struct eg_store_facts {
	int64_t records, sensors, deletions, bytes;
	int64_t first, last;        /* valid if records > 0 */
	bool expired;               /* eg_store_expire was called at some time */
	int64_t expired_before;
};

int eg_store_stat(struct eg_store *s, struct eg_store_facts *f, struct eg_error *e);

/* Passes `sensor:records:deletions:digest` for each sensor to out. Equal sets of records and
 * deletions have equal digests, whatever the order of writing. */
int eg_store_digest(struct eg_store *s, const struct eg_store_out *out, struct eg_error *e);

/* Passes `sensor:YYYY-MM-DD:records:deletions:digest` for each day (UTC) of one sensor to out. */
int eg_store_days(struct eg_store *s, const char *name, size_t len,
    const struct eg_store_out *out, struct eg_error *e);

/* Sets *span to the UTC day that contains ns. */
void eg_store_day_span(int64_t ns, struct eg_time_span *span);

/* Between begin and commit: deletes a key and remembers the deletion with the time `at` (<
 * EG_WHEN_MAX). Without `last`, nothing changes if the record was written again after `at`, as
 * far as the store knows. With `last`, the deletion comes after all known events of the key, so
 * its time is `at` or later. A record written afterwards always gets a later time. */
int eg_store_begin(struct eg_store *s, struct eg_error *e);
int eg_store_delete(struct eg_store *s, const struct eg_record *r, int64_t at, bool last,
    struct eg_error *e);

/* Between begin and commit: adds a record of another store with its time of writing there (0:
 * unknown; < EG_WHEN_MAX). The later one stays: this record, or the store's own record or
 * deletion. Of two records with the same time, the greater text stays, so that all stores make
 * the same choice. */
int eg_store_merge(struct eg_store *s, const struct eg_record *r, int64_t written,
    struct eg_error *e);

/* Between begin and commit. eg_store_evict removes the record without remembering a deletion,
 * provided its timestamp text and value are those of r. The second function removes the memory
 * of a deletion, provided its time is `at`. Otherwise nothing changes. */
int eg_store_evict(struct eg_store *s, const struct eg_record *r, struct eg_error *e);
int eg_store_evict_deletion(struct eg_store *s, const struct eg_record *r, int64_t at,
    struct eg_error *e);

/* Commits all changes since begin, and syncs them to disk. If it fails, none of them was made. */
int eg_store_commit(struct eg_store *s, struct eg_error *e);

/* Removes all records before an instant, without remembering deletions. Uses short transactions,
 * so that other programs can write meanwhile. *gone is the number of removed records. */
int eg_store_expire(struct eg_store *s, int64_t before, uint64_t *gone, struct eg_error *e);

/* Removes the memory of deletions that are older than keep_ns. */
int eg_store_purge(struct eg_store *s, struct eg_error *e);

/* Checks the whole store. Calls found for each fault. Sets *records and *faults to their
 * numbers. */
int eg_store_check(struct eg_store *s, void (*found)(const char *text), uint64_t *records,
    uint64_t *faults, struct eg_error *e);

/* Copies a snapshot of s to dest. The copy is synced, and appears complete or not at all.
 * Replaces a store at dest unless a program has it open. -1 with *e for any other file at dest,
 * and after a signal (eg_stop_asked). Blocks during the copy. */
int eg_store_backup(struct eg_store *s, const char *dest, struct eg_error *e);

#endif
