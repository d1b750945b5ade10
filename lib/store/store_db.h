/* SPDX-License-Identifier: MIT */
/* Shared by the files of the store: the handle, statements, sensors, rows, digests. */
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

/* A sensor's row, kept in memory after its first use. */
struct eg_store_sensor {
	int64_t id;
	uint64_t seed; /* hash of the name */
	size_t len;
	char name[];
};

/* What a transaction changes in one row of digests. */
struct eg_store_delta {
	int64_t sensor, day, records, deletions;
	uint64_t digest;
	bool used;
};

struct eg_store {
	const char *path; /* as the user gives it */
	enum eg_store_mode mode;
	/* Names for SQLite and stat(2): the database's, its log's and the log's index's. */
	char *file, *wal, *shm;
	struct eg_file_id file_id, wal_id, shm_id; /* those that are open */
	sqlite3 *db;
	sqlite3_stmt *stmt[STMT_COUNT];
	int version; /* of the file */
	bool immutable; /* it could not be locked */
	int64_t keep_ns;
	int64_t give_up; /* waiting for a lock ends then, on eg_mono_ms's clock */
	int64_t lock_wait_ms;
	int restart_at; /* pages of the log */
	int code;       /* SQLite's code of the first failure */
	bool deletions; /* there may be deletions, in this transaction */
	uint64_t commits, replaced, replaced_now;
	/* Sensors by hash of name. A rollback clears them: it may have removed new ones. */
	struct eg_store_sensor **sensors;
	size_t sensor_room, sensor_count;
	struct eg_store_sensor *recent;
	/* Deltas by hash; order lists those in use. */
	struct eg_store_delta *deltas;
	uint32_t *order;
	size_t delta_room, delta_count;
};

/* Fills *e with `cannot VERB 'path': ` and SQLite's reason, and with the exit status for it.
 * Returns -1. */
int eg_store_fail(struct eg_store *s, const char *verb, struct eg_error *e);

/* The statement, prepared once and reset; NULL with *e. */
sqlite3_stmt *eg_store_stmt(struct eg_store *s, enum eg_store_stmt which, struct eg_error *e);

/* A statement of the caller's, to be finalized; NULL with *e. */
sqlite3_stmt *eg_store_query(struct eg_store *s, const char *sql, struct eg_error *e);

/* Steps a statement without rows and resets it. */
int eg_store_step(struct eg_store *s, sqlite3_stmt *st, struct eg_error *e);

/* Checks that the database is a store of a known version; *blank: it is empty. Reads in one
 * transaction, since another program may be creating the store right now. */
int eg_store_identify(struct eg_store *s, bool *blank, struct eg_error *e);

/* Creates the tables, or changes those of an older version, unless another program has done
 * so. A new file still uses the rollback journal, so a crash leaves a whole store or an
 * empty file. */
int eg_store_make(struct eg_store *s, struct eg_error *e);

/* Makes a store of an older version readable without changing the file. */
int eg_store_read_old(struct eg_store *s, struct eg_error *e);

/* -1 with EG_CONFIG if the log beside the file belongs to another file, which was there
 * before and which a program still has open. Call it before the file is opened. */
int eg_store_log_check(const struct eg_store *s, struct eg_error *e);

/* If another file has taken the place of the open one: moves what is in the log to the open
 * one, and empties the log. Call it when nothing is under way. */
void eg_store_log_finish(struct eg_store *s);

/* Runs SQL without results. */
int eg_store_exec(struct eg_store *s, const char *sql, struct eg_error *e);

/* One integer; *null when there is none. */
int eg_store_int(struct eg_store *s, const char *sql, int64_t *value, bool *null,
    struct eg_error *e);

/* Rolls the transaction back, and clears what was cached in it. */
void eg_store_rollback(struct eg_store *s);

/* The sensor's row, added when add is set; NULL without error in *e: there is none. */
struct eg_store_sensor *eg_store_sensor(struct eg_store *s, const char *name, size_t len,
    bool add, struct eg_error *e);
void eg_store_sensors_clear(struct eg_store *s);

/* The text that is stored for the timestamp: NULL with *len 0 if it is canonical; what
 * follows if it begins with the canonical one; else all of it. */
const char *eg_store_spelling(const struct eg_record *r, size_t *len);

/* Writes the original timestamp to out. Returns its length, or 0 if the row is damaged. */
#define EG_STORE_TIME_MAX 96
size_t eg_store_timestamp(int64_t ns, const char *spelling, size_t len,
    char out[EG_STORE_TIME_MAX]);

/* What is kept of a key: nothing, or a record. */
struct eg_store_kept {
	bool there;
	int order; /* its text behind the sensor to that of r: less than 0, 0 or more; 0: r is NULL */
	int64_t written; /* 0: not known */
	uint64_t hash;
};
int eg_store_find(struct eg_store *s, const struct eg_store_sensor *sensor, int64_t ns,
    const struct eg_record *r, struct eg_store_kept *kept, struct eg_error *e);

/* What is remembered of a key: that it is deleted, or that it once was. */
struct eg_store_history {
	bool there, deleted;
	int64_t last; /* when it was deleted, or if it is not, when it was written again */
};
int eg_store_recall(struct eg_store *s, int64_t sensor, int64_t ns, struct eg_store_history *h,
    struct eg_error *e);

/* The time of an event that follows one at time last: given if that is later, else last + 1.
 * Saturates at INT64_MAX. */
int64_t eg_store_later(int64_t given, int64_t last);

/* Hashes of a name, of a record, and of a deletion. Digests are their xor, which does not
 * depend on the order. */
uint64_t eg_store_hash_name(const char *name, size_t len);
uint64_t eg_store_hash_record(uint64_t seed, int64_t ns, const char *spelling,
    size_t spelling_len, const char *value, size_t value_len);
uint64_t eg_store_hash_deletion(uint64_t seed, int64_t ns);
int64_t eg_store_day(int64_t ns);

/* A day as YYYY-MM-DD. */
void eg_store_date(int64_t day, char out[EG_TIME_SIZE]);

/* Collects a change of the day's digest; eg_store_deltas_write writes all of them in the
 * same transaction. */
int eg_store_delta(struct eg_store *s, int64_t sensor, int64_t ns, int records, int deletions,
    uint64_t digest, struct eg_error *e);
int eg_store_deltas_write(struct eg_store *s, struct eg_error *e);
void eg_store_deltas_clear(struct eg_store *s);

#endif
