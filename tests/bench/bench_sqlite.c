/* SPDX-License-Identifier: MIT */
/* The bare loop that eg-store is measured against: parse, insert, commit, print. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/number.h"
#include "record/lines.h"
#include "record/record.h"

enum { NAMES = 4096, RING = 4 * 1024 * 1024 };

static const char setup[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -12000;"
    "PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000;"
    "CREATE TABLE records(sensor INTEGER NOT NULL, ns INTEGER NOT NULL, value TEXT NOT NULL,"
    " PRIMARY KEY(sensor, ns)) STRICT, WITHOUT ROWID";

static char names[NAMES][EG_SENSOR_MAX + 1];
static int known;

/* The sensor's number: that of the last record, or nearly always the next one. */
static int
number_of(const char *name, size_t len)
{
	static int last;

	for (int n = 0; n < known; n++) {
		int i = (last + n) % known;

		if (strncmp(names[i], name, len) == 0 && names[i][len] == '\0')
			return last = i;
	}
	if (known == NAMES)
		abort();
	memcpy(names[known], name, len);
	return last = known++;
}

static _Noreturn void
stop(const char *what)
{
	fprintf(stderr, "bench_sqlite: %s\n", what);
	exit(EG_BUG);
}

static void
must(int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		stop(sqlite3_errstr(rc));
}

/* Reads on where a batch is not full yet. */
static bool
next_line(struct eg_lines *in, struct eg_line *l)
{
	struct eg_error e = { 0 };

	while (!eg_lines_next(in, l)) {
		if (in->eof || !eg_lines_room(in))
			return false;
		if (eg_lines_fill(in, &e) != 0)
			stop(e.text);
	}
	return true;
}

/* Inserts up to most records as one transaction. */
static int
batch(sqlite3 *db, sqlite3_stmt *insert, struct eg_lines *in, int most)
{
	struct eg_line l;
	struct eg_record r;
	const char *from = NULL, *end = NULL;
	int n = 0;

	must(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
	for (; n < most && next_line(in, &l); n++) {
		if (l.fault != EG_FAULT_NONE || eg_record_parse(l.text, l.len, &r) != EG_FAULT_NONE)
			stop("not a record");
		from = n == 0 ? l.text : from;
		end = l.text + l.len + 1;
		sqlite3_bind_int(insert, 1, number_of(l.text, r.sensor_len));
		sqlite3_bind_int64(insert, 2, r.ns);
		sqlite3_bind_text(insert, 3, l.text + r.value_at, r.len - r.value_at, SQLITE_STATIC);
		must(sqlite3_step(insert));
		sqlite3_reset(insert);
	}
	must(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
	if (end < from)
		end += in->size; /* the ring is mapped twice */
	if (n > 0 && write(STDOUT_FILENO, from, (size_t)(end - from)) != end - from)
		stop("cannot write");
	eg_lines_release(in, NULL);
	return n;
}

/* usage: bench_sqlite FILE BATCH <records */
int
main(int argc, char *argv[])
{
	struct eg_error e = { 0 };
	struct eg_lines in;
	sqlite3_stmt *insert;
	sqlite3 *db;
	int64_t most;

	eg_diag_init("bench_sqlite");
	if (argc != 3 || eg_int_parse(argv[2], 1, 1000000, &most) != EG_NUMBER_OK)
		stop("usage: bench_sqlite FILE BATCH");
	must(sqlite3_open(argv[1], &db));
	must(sqlite3_exec(db, setup, NULL, NULL, NULL));
	must(sqlite3_prepare_v3(db, "INSERT OR IGNORE INTO records VALUES(?1, ?2, ?3)", -1,
	    SQLITE_PREPARE_PERSISTENT, &insert, NULL));
	if (eg_lines_open(&in, STDIN_FILENO, RING, &e) != 0)
		return eg_report(&e);
	while (batch(db, insert, &in, (int)most) > 0)
		;
	sqlite3_finalize(insert);
	must(sqlite3_close(db));
	eg_lines_close(&in);
	return 0;
}
