/* SPDX-License-Identifier: MIT */
/* Transactions of a store, and snapshots. */
#include "base/clock.h"
#include "base/diag.h"
#include "store/store_db.h"

void
eg_store_rollback(struct eg_store *s)
{
	if (sqlite3_get_autocommit(s->db) == 0) {
		struct eg_error ignored = { 0 };
		sqlite3_stmt *st = eg_store_stmt(s, STMT_ROLLBACK, &ignored);

		/* If this fails, SQLite rolls back later; sqlite3_get_autocommit shows whether
		 * it has. */
		if (st != NULL)
			(void)eg_store_step(s, st, &ignored);
	}
	eg_store_deltas_clear(s);
	eg_store_sensors_clear(s);
	s->replaced_now = 0;
}

int
eg_store_snapshot(struct eg_store *s, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_SNAPSHOT, e);

	s->give_up = eg_mono_ms() + s->lock_wait_ms;
	return st == NULL ? -1 : eg_store_step(s, st, e);
}

void
eg_store_end(struct eg_store *s)
{
	eg_store_rollback(s);
}

/* Checks that the file was not removed or replaced. Data in a removed file is lost; and SQLite
 * would apply the log of a replaced file to the new file. */
static int
still_there(struct eg_store *s, struct eg_error *e)
{
	if (!eg_store_moved(s))
		return 0;
	return eg_fail(e, EG_LOCAL_IO, "'%s' has been removed or replaced", s->path);
}

int
eg_store_begin(struct eg_store *s, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_BEGIN, e);

	s->give_up = eg_mono_ms() + s->lock_wait_ms;
	eg_store_sensors_limit(s);
	if (st == NULL || eg_store_step(s, st, e) != 0)
		return -1;
	st = eg_store_stmt(s, STMT_ANY_DELETION, e);
	if (st != NULL && sqlite3_step(st) == SQLITE_ROW) {
		s->deletions = sqlite3_column_int(st, 0) != 0;
		sqlite3_reset(st);
		return 0;
	}
	eg_store_fail(s, "read", e);
	if (st != NULL)
		sqlite3_reset(st);
	eg_store_rollback(s);
	return -1;
}

int
eg_store_commit(struct eg_store *s, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_COMMIT, e);

	if (st == NULL || eg_store_deltas_write(s, e) != 0 || still_there(s, e) != 0 ||
	    eg_store_step(s, st, e) != 0 || still_there(s, e) != 0) {
		eg_store_rollback(s);
		return -1;
	}
	s->commits++;
	s->replaced += s->replaced_now;
	s->replaced_now = 0;
	return 0;
}
