/* SPDX-License-Identifier: MIT */
/* The handle of a store, its statements, sensors, rows and digests; only for the files of the
 * store. */
#ifndef EG_STORE_DB_H
#define EG_STORE_DB_H

#include <sqlite3.h>

#include "store/store.h"
#include "store/store_file.h"

#define EG_STORE_ID 0x45475244 /* "EGRD": PRAGMA application_id */
#define EG_STORE_VERSION 2     /* PRAGMA user_version */
#define EG_STORE_DAY INT64_C(86400000000000)

enum eg_store_stmt {
	STMT_BEGIN,
	STMT_SNAPSHOT,
	STMT_COMMIT,
	STMT_ROLLBACK,
	STMT_SENSOR_FIND,
	STMT_SENSOR_ADD,
	STMT_INSERT,
	STMT_BULK,
	STMT_RANGE,
	STMT_RANGE_DELETIONS,
	STMT_DAYS,
	STMT_FIND,
	STMT_UPDATE,
	STMT_DATE,
	STMT_REMOVE,
	STMT_DIGEST,
	STMT_ANY_DELETION,
	STMT_UNTOMBSTONE,
	STMT_DELETION_FIND,
	STMT_DELETION_PUT,
	STMT_DELETION_REMOVE,
	STMT_SENSOR_NEXT,
	STMT_FIRST_DAY,
	STMT_EXPIRE_RECORDS,
	STMT_EXPIRE_DELETIONS,
	STMT_EXPIRE_DAY,
	STMT_CUT,
	STMT_FORGOTTEN,
	STMT_FORGET,
	STMT_COUNT,
};

/* The row of a sensor, kept in memory after its first use. */
struct eg_store_sensor {
	int64_t id;
	uint64_t seed; /* hash of the name; seed for hashes of its records */
	size_t len;
	char name[];
};

/* A batch in the order in which it is written. */
struct eg_store_batch {
	struct eg_store_sensor **sensor; /* by record; valid until the transaction ends */
	uint32_t *order, *spare;         /* indices of records; spare: memory for sorting */
	size_t room;                     /* number of records that fit */
	const struct eg_record *rec;     /* what eg_store_bulk inserts, n of them */
	size_t n, at;                    /* at: index in `order` of the current one */
};

/* The changes that a transaction makes to one row of the table digests. */
struct eg_store_delta {
	int64_t sensor, day, records, deletions;
	uint64_t digest;
	bool used;
};

struct eg_store {
	const char *path; /* path as the user gave it */
	enum eg_store_mode mode;
	/* Names of the database, its log and the log's index, for SQLite and stat(2). */
	char *file, *wal, *shm;
	struct eg_file_id file_id, wal_id, shm_id; /* the files that are open */
	sqlite3 *db;
	sqlite3_stmt *stmt[STMT_COUNT];
	int version; /* schema version of the file */
	bool immutable; /* opened without locks, since locking was impossible */
	int64_t keep_ns;
	int64_t give_up; /* end of waiting for a lock, on eg_mono_ms's clock */
	int64_t lock_wait_ms;
	int restart_at; /* size of the log in pages at which it is restarted */
	int code;       /* SQLite's code of the first failure */
	bool deletions; /* this transaction must look for deletions */
	bool repeats;   /* the last batch had keys that existed, so the next one may */
	uint64_t commits, replaced, replaced_now;
	/* Cached sensors by hash of name. A rollback empties the cache, since it may have
	 * removed new sensors from the database; a begin does if it is too large. */
	struct eg_store_sensor **sensors;
	size_t sensor_room, sensor_count;
	struct eg_store_sensor *recent;
	/* The records of a batch by sensor, see eg_store_sort. */
	struct eg_store_batch batch;
	/* Deltas by hash; order lists the used entries. */
	struct eg_store_delta *deltas;
	uint32_t *order;
	size_t delta_room, delta_count;
	struct eg_store_delta *recent_delta; /* the last one that was changed; NULL: none */
};

/* Fills *e with `cannot VERB 'path': `, SQLite's reason, and the matching exit status. Returns
 * -1. */
int eg_store_fail(struct eg_store *s, const char *verb, struct eg_error *e);

/* Fills *e if a record is neither inserted nor there. Returns -1. */
int eg_store_fail_kept_out(struct eg_store *s, struct eg_error *e);

/* Returns a statement, reset; it is prepared once. NULL with *e. */
sqlite3_stmt *eg_store_stmt(struct eg_store *s, enum eg_store_stmt which, struct eg_error *e);

/* Prepares a statement that the caller finalizes. NULL with *e. */
sqlite3_stmt *eg_store_query(struct eg_store *s, const char *sql, struct eg_error *e);

/* Runs a statement that returns no rows, and resets it. */
int eg_store_step(struct eg_store *s, sqlite3_stmt *st, struct eg_error *e);

/* Checks that the database is a store of a known version. *blank: it is empty. Reads in one
 * transaction, since another program may be creating the store at this moment. */
int eg_store_identify(struct eg_store *s, bool *blank, struct eg_error *e);

/* Creates the tables, or updates those of an older version, unless another program has done so.
 * A new file still uses the rollback journal, so after a crash there is a complete store or an
 * empty file. */
int eg_store_make(struct eg_store *s, struct eg_error *e);

/* Makes a store of an older version readable; the file is not changed. */
int eg_store_read_old(struct eg_store *s, struct eg_error *e);

/* Refuses the log beside the file if it belongs to an earlier file at this path that a program
 * still has open. -1 with EG_CONFIG. Call it before the file is opened. */
int eg_store_log_check(const struct eg_store *s, struct eg_error *e);

/* If the open file was replaced at its path: moves the content of its log to it, and empties the
 * log. Call it outside transactions. */
void eg_store_log_finish(struct eg_store *s);

/* Runs SQL that returns no rows. */
int eg_store_exec(struct eg_store *s, const char *sql, struct eg_error *e);

/* Reads one integer. *null: it is NULL or there is no row. */
int eg_store_int(struct eg_store *s, const char *sql, int64_t *value, bool *null,
    struct eg_error *e);

/* Rolls the transaction back, and empties its caches. */
void eg_store_rollback(struct eg_store *s);

/* The row of a sensor; with `add`, a missing one is added. NULL with *e not set: there is none.
 * Valid until the transaction ends. */
struct eg_store_sensor *eg_store_sensor(struct eg_store *s, const char *name, size_t len,
    bool add, struct eg_error *e);
void eg_store_sensors_clear(struct eg_store *s);

/* Empties the cache if it is too large. Not within a transaction, which has pointers to it. */
void eg_store_sensors_limit(struct eg_store *s);

/* Finds or adds the sensors of n records, and sets s->batch.order to the order in which to write
 * them: those of a sensor one after another, as they came. Their rows are neighbours in the file,
 * so most are on the page that the processor's caches still have. */
int eg_store_sort(struct eg_store *s, const struct eg_record *rec, size_t n, struct eg_error *e);
void eg_store_batch_close(struct eg_store_batch *b);

/* Makes the SQL of eg_store_bulk known to the connection. */
int eg_store_bulk_open(struct eg_store *s, struct eg_error *e);

/* Inserts the n records that eg_store_sort has sorted; does not change the digests. The store may
 * have no deletions. Returns 1 if a record was not inserted, as when its key exists: then the
 * transaction is to be rolled back. Blocks for the disk only. */
int eg_store_bulk(struct eg_store *s, const struct eg_record *rec, size_t n, struct eg_error *e);

/* The text to store for the timestamp of r, besides its instant: nothing (NULL, *len 0) if it
 * has the canonical form; the rest if it begins with the canonical form; else all of it. */
const char *eg_store_spelling(const struct eg_record *r, size_t *len);

/* Writes the original timestamp to out. Returns its length, or 0 if the row is damaged. */
#define EG_STORE_TIME_MAX 96
size_t eg_store_timestamp(int64_t ns, const char *spelling, size_t len,
    char out[EG_STORE_TIME_MAX]);

/* The stored record of a key, if there is one. */
struct eg_store_kept {
	bool there;
	int order; /* comparison of its text (after the sensor) with that of r: < 0, 0 or > 0; 0
		    * if r is NULL */
	int64_t written; /* time of writing; 0: unknown */
	uint64_t hash;
};
int eg_store_find(struct eg_store *s, const struct eg_store_sensor *sensor, int64_t ns,
    const struct eg_record *r, struct eg_store_kept *kept, struct eg_error *e);

/* The remembered deletion of a key, if there is one. */
struct eg_store_history {
	bool there, deleted;
	int64_t last; /* time of the deletion, or of the record written after it */
};
int eg_store_recall(struct eg_store *s, int64_t sensor, int64_t ns, struct eg_store_history *h,
    struct eg_error *e);

/* A time for an event that follows one at time `last`: `given` if that is later, else last + 1.
 * Limited to INT64_MAX. */
int64_t eg_store_later(int64_t given, int64_t last);

/* Rounds up to whole microseconds, the unit of stored times. Rounding up keeps a time later than
 * the events before it. */
int64_t eg_store_whole_us(int64_t ns);

/* The time of writing of r, which follows an event at time `last`; 0: unknown. The clock `now` is
 * used only if there is such an event: a record without an order may be a copy of an old one. */
int64_t eg_store_write_time(const struct eg_record *r, int64_t now, int64_t last);

/* The stored form of a time of writing. */
int64_t eg_store_lag(int64_t ns, int64_t written);

/* Hashes of a name, a record and a deletion. A digest is the xor of such hashes, so it does not
 * depend on their order. */
uint64_t eg_store_hash_name(const char *name, size_t len);
uint64_t eg_store_hash_record(uint64_t seed, int64_t ns, const char *spelling,
    size_t spelling_len, const char *value, size_t value_len);
uint64_t eg_store_hash_deletion(uint64_t seed, int64_t ns);
int64_t eg_store_day(int64_t ns);

/* Writes a day as YYYY-MM-DD. */
void eg_store_date(int64_t day, char out[EG_TIME_SIZE]);

/* Collects a change of the day's digest. eg_store_deltas_write writes all changes in the same
 * transaction. */
int eg_store_delta(struct eg_store *s, int64_t sensor, int64_t ns, int records, int deletions,
    uint64_t digest, struct eg_error *e);
int eg_store_deltas_write(struct eg_store *s, struct eg_error *e);
void eg_store_deltas_clear(struct eg_store *s);

#endif
