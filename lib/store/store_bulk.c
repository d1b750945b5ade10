/* SPDX-License-Identifier: MIT */
/* Inserts a batch with one statement: SQLite reads the records as the rows of a virtual table
 * (https://www.sqlite.org/vtab.html). One statement per record would open and close a cursor on the
 * table of records each time. */
#include <stddef.h>

#include "store/store_db.h"

struct table {
	sqlite3_vtab base;
	struct eg_store *s;
};

static int
connect_table(sqlite3 *db, void *ctx, int argc, const char *const *argv, sqlite3_vtab **out,
    char **why)
{
	struct table *t = sqlite3_malloc(sizeof(*t));
	int rc;

	(void)argc;
	(void)argv;
	(void)why;
	if (t == NULL)
		return SQLITE_NOMEM;
	/* Triggers and views in the file cannot read the batch. */
	(void)sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
	rc = sqlite3_declare_vtab(db, "CREATE TABLE x(sensor INTEGER, ns INTEGER, value TEXT,"
	    " spelling TEXT, lag INTEGER)");
	if (rc != SQLITE_OK) {
		sqlite3_free(t);
		return rc;
	}
	*t = (struct table){ .s = ctx };
	*out = &t->base;
	return SQLITE_OK;
}

static int
disconnect_table(sqlite3_vtab *t)
{
	sqlite3_free(t);
	return SQLITE_OK;
}

/* Every row, in order. */
static int
plan(sqlite3_vtab *t, sqlite3_index_info *info)
{
	(void)t;
	info->estimatedCost = 1;
	return SQLITE_OK;
}

static int
open_cursor(sqlite3_vtab *t, sqlite3_vtab_cursor **out)
{
	(void)t;
	*out = sqlite3_malloc(sizeof(**out));
	return *out != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

static int
close_cursor(sqlite3_vtab_cursor *c)
{
	sqlite3_free(c);
	return SQLITE_OK;
}

/* SQLite sets the cursor's table. */
static struct eg_store_batch *
batch_of(const sqlite3_vtab_cursor *c)
{
	return &((struct table *)c->pVtab)->s->batch;
}

static int
first_row(sqlite3_vtab_cursor *c, int number, const char *name, int argc, sqlite3_value **argv)
{
	(void)number;
	(void)name;
	(void)argc;
	(void)argv;
	batch_of(c)->at = 0;
	return SQLITE_OK;
}

static int
next_row(sqlite3_vtab_cursor *c)
{
	batch_of(c)->at++;
	return SQLITE_OK;
}

static int
past_last_row(sqlite3_vtab_cursor *c)
{
	const struct eg_store_batch *b = batch_of(c);

	return b->at >= b->n;
}

static int
give_rowid(sqlite3_vtab_cursor *c, sqlite3_int64 *id)
{
	*id = (sqlite3_int64)batch_of(c)->at;
	return SQLITE_OK;
}

static void
give_text(sqlite3_context *to, const char *text, size_t len)
{
	if (text != NULL)
		sqlite3_result_text(to, text, (int)len, SQLITE_STATIC);
}

/* A column without a result is NULL. */
static int
give_column(sqlite3_vtab_cursor *c, sqlite3_context *to, int column)
{
	const struct eg_store_batch *b = batch_of(c);
	uint32_t i = b->order[b->at];
	const struct eg_record *r = &b->rec[i];
	const char *spelling;
	size_t len;
	int64_t written;

	switch (column) {
	case 0:
		sqlite3_result_int64(to, b->sensor[i]->id);
		break;
	case 1:
		sqlite3_result_int64(to, r->ns);
		break;
	case 2:
		give_text(to, r->line + r->value_at, (size_t)r->len - r->value_at);
		break;
	case 3:
		spelling = eg_store_spelling(r, &len);
		give_text(to, spelling, len);
		break;
	default:
		written = eg_store_write_time(r, 0, 0);
		if (written != 0)
			sqlite3_result_int64(to, eg_store_lag(r->ns, written));
	}
	return SQLITE_OK;
}

static const sqlite3_module module = {
	.xConnect = connect_table,
	.xBestIndex = plan,
	.xDisconnect = disconnect_table,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = first_row,
	.xNext = next_row,
	.xEof = past_last_row,
	.xColumn = give_column,
	.xRowid = give_rowid,
};

int
eg_store_bulk_open(struct eg_store *s, struct eg_error *e)
{
	if (sqlite3_create_module(s->db, "energyguard_batch", &module, s) != SQLITE_OK)
		return eg_store_fail(s, "open", e);
	return 0;
}

int
eg_store_bulk(struct eg_store *s, const struct eg_record *rec, size_t n, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_BULK, e);
	int rc;

	if (st == NULL)
		return -1;
	s->batch.rec = rec;
	s->batch.n = n;
	rc = eg_store_step(s, st, e);
	s->batch.rec = NULL;
	s->batch.n = 0;
	return rc != 0 ? -1 : (size_t)sqlite3_changes(s->db) != n;
}
