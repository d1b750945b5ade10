/* SPDX-License-Identifier: MIT */
/* Hints: records and deletions that a node has not received yet, kept on disk in order. */
#include "cluster/hints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "cluster/cluster.h"
#include "cluster/hints_file.h"

struct eg_hints {
	const struct eg_cluster *cluster;
	char path[EG_HINTS_PATH];
	struct eg_hints_files files;
	sqlite3 *db;
	sqlite3_stmt *add, *done, *next, *peek, *note, *noted;
	uint64_t limit;
	bool open; /* a transaction is open */
	int64_t version;
	uint64_t pending[EG_NODES_MAX];
	int64_t change[EG_NODES_MAX]; /* change of pending records by the open transaction */
};

static int
prepare_statements(struct eg_hints *h, struct eg_error *e)
{
	static const struct {
		size_t at;
		const char *sql;
	} all[] = {
		{ offsetof(struct eg_hints, add),
		    "insert into hint (node, kind, records, text) values (?1, ?2, ?3, ?4)" },
		{ offsetof(struct eg_hints, done), "delete from hint where node = ?1 and seq = ?2" },
		{ offsetof(struct eg_hints, next), "select seq, kind, records, length(text), text "
		    "from hint where node = ?1 and seq > ?2 order by seq limit 1" },
		{ offsetof(struct eg_hints, peek), "select seq, kind, records, length(text) "
		    "from hint where node = ?1 and seq > ?2 order by seq limit 1" },
		{ offsetof(struct eg_hints, note), "insert or replace into node (name, error, at) "
		    "values (?1, ?2, strftime('%Y-%m-%dT%H:%M:%S', 'now'))" },
		{ offsetof(struct eg_hints, noted),
		    "select at || ': ' || error from node where name = ?1 and error <> ''" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		sqlite3_stmt **s = (sqlite3_stmt **)(void *)((char *)h + all[i].at);

		if (sqlite3_prepare_v3(h->db, all[i].sql, -1, SQLITE_PREPARE_PERSISTENT, s, NULL) !=
		    SQLITE_OK)
			return eg_hints_file_fail(h->db, h->path, e);
	}
	return 0;
}

static int
bind_name(struct eg_hints *h, sqlite3_stmt *s, size_t node)
{
	return sqlite3_bind_text(s, 1, h->cluster->node[node].name, -1, SQLITE_STATIC);
}

/* Counts the records of each node. If that fails, the old counts stay. */
static int
count_hints(struct eg_hints *h, struct eg_error *e)
{
	uint64_t pending[EG_NODES_MAX] = { 0 };
	sqlite3_stmt *s = NULL;
	int rc;

	rc = sqlite3_prepare_v2(h->db, "select node, sum(records) from hint group by node", -1, &s,
	    NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(s, 0);
		size_t i = name != NULL ? eg_cluster_find(h->cluster, name) : h->cluster->n;

		if (i < h->cluster->n)
			pending[i] = (uint64_t)sqlite3_column_int64(s, 1);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(s);
	if (rc != SQLITE_DONE)
		return eg_hints_file_fail(h->db, h->path, e);
	memcpy(h->pending, pending, sizeof(pending));
	return 0;
}

struct eg_hints *
eg_hints_open(const char *dir, const struct eg_cluster *c, uint64_t limit, bool mend,
    struct eg_error *e)
{
	struct eg_hints *h = calloc(1, sizeof(*h));

	if (h == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	h->cluster = c;
	h->limit = limit;
	snprintf(h->path, sizeof(h->path), "%s/hints.db", dir);
	if (eg_hints_file_open(h->path, mend, &h->db, e) == 0 && prepare_statements(h, e) == 0 &&
	    eg_hints_file_version(h->db, &h->version) == 0 && count_hints(h, e) == 0 &&
	    eg_hints_files_note(h->path, &h->files, e) == 0)
		return h;
	eg_hints_close(h);
	return NULL;
}

void
eg_hints_close(struct eg_hints *h)
{
	if (h == NULL)
		return;
	sqlite3_finalize(h->add);
	sqlite3_finalize(h->done);
	sqlite3_finalize(h->next);
	sqlite3_finalize(h->peek);
	sqlite3_finalize(h->note);
	sqlite3_finalize(h->noted);
	sqlite3_close(h->db);
	free(h);
}

void
eg_hints_lock_wait(struct eg_hints *h, int64_t ms)
{
	sqlite3_busy_timeout(h->db, (int)ms);
}

static bool
is_busy(const struct eg_hints *h)
{
	return (sqlite3_errcode(h->db) & 0xff) == SQLITE_BUSY;
}

/* Handles a failure: all that was not committed is undone. */
static int
undo(struct eg_hints *h, struct eg_error *e)
{
	if (e->status == EG_OK)
		eg_hints_file_fail(h->db, h->path, e);
	sqlite3_exec(h->db, "rollback", NULL, NULL, NULL);
	h->open = false;
	memset(h->change, 0, sizeof(h->change));
	return -1;
}

static int
run_statement(struct eg_hints *h, sqlite3_stmt *s, struct eg_error *e)
{
	int rc;

	/* An open read transaction would prevent SQLite from reusing the log. */
	sqlite3_reset(h->next);
	if (!h->open && sqlite3_exec(h->db, "begin immediate", NULL, NULL, NULL) != SQLITE_OK)
		return undo(h, e);
	h->open = true;
	rc = sqlite3_step(s);
	if (rc != SQLITE_DONE)
		undo(h, e);
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return rc == SQLITE_DONE ? 0 : -1;
}

int
eg_hints_add(struct eg_hints *h, size_t node, struct eg_hint *hint, struct eg_error *e)
{
	bind_name(h, h->add, node);
	sqlite3_bind_int(h->add, 2, (int)hint->kind);
	sqlite3_bind_int64(h->add, 3, (int64_t)hint->records);
	sqlite3_bind_blob(h->add, 4, hint->text, (int)hint->len, SQLITE_STATIC);
	if (run_statement(h, h->add, e) != 0)
		return -1;
	hint->seq = sqlite3_last_insert_rowid(h->db);
	h->change[node] += (int64_t)hint->records;
	return 0;
}

int
eg_hints_done(struct eg_hints *h, size_t node, int64_t seq, uint64_t records, struct eg_error *e)
{
	bind_name(h, h->done, node);
	sqlite3_bind_int64(h->done, 2, seq);
	if (run_statement(h, h->done, e) != 0)
		return -1;
	h->change[node] -= (int64_t)records;
	return 0;
}

int
eg_hints_commit(struct eg_hints *h, struct eg_error *e)
{
	if (!h->open)
		return 0;
	/* Check before the commit, since SQLite would apply our log to another file at that
	 * path. Check after it, since a commit to a removed file is lost. */
	if (eg_hints_files_check(h->path, &h->files, e) != 0 ||
	    sqlite3_exec(h->db, "commit", NULL, NULL, NULL) != SQLITE_OK ||
	    eg_hints_files_check(h->path, &h->files, e) != 0)
		return undo(h, e);
	h->open = false;
	for (size_t i = 0; i < h->cluster->n; i++) {
		int64_t now = (int64_t)h->pending[i] + h->change[i];

		h->pending[i] = now > 0 ? (uint64_t)now : 0;
		h->change[i] = 0;
	}
	return 0;
}

bool
eg_hints_room(const struct eg_hints *h, size_t node, uint64_t records)
{
	int64_t now = (int64_t)h->pending[node] + h->change[node];

	/* One hint is always allowed, since it alone may exceed a small limit. */
	return now <= 0 || (uint64_t)now + records <= h->limit;
}

int
eg_hints_next(struct eg_hints *h, size_t node, int64_t seq, bool text, struct eg_hint *out,
    struct eg_error *e)
{
	sqlite3_stmt *s = text ? h->next : h->peek;
	int rc;

	/* This invalidates the text of the previous call. */
	sqlite3_reset(s);
	bind_name(h, s, node);
	sqlite3_bind_int64(s, 2, seq);
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		*out = (struct eg_hint){ .seq = sqlite3_column_int64(s, 0),
			.kind = sqlite3_column_int(s, 1) == EG_HINT_DELETIONS ? EG_HINT_DELETIONS
			                                                   : EG_HINT_RECORDS,
			.records = (uint64_t)sqlite3_column_int64(s, 2),
			.len = (size_t)sqlite3_column_int64(s, 3),
			.text = text ? sqlite3_column_blob(s, 4) : NULL };
		if (!text)
			sqlite3_reset(s);
		return 1;
	}
	if (rc != SQLITE_DONE && is_busy(h))
		rc = SQLITE_DONE;
	if (rc != SQLITE_DONE)
		eg_hints_file_fail(h->db, h->path, e);
	sqlite3_reset(s);
	return rc == SQLITE_DONE ? 0 : -1;
}

uint64_t
eg_hints_pending(const struct eg_hints *h, size_t node)
{
	return h->pending[node];
}

int
eg_hints_refresh(struct eg_hints *h, struct eg_error *e)
{
	int64_t now;

	/* An open read transaction would still show the old state. */
	sqlite3_reset(h->next);
	if (h->open)
		return 0;
	if (eg_hints_files_check(h->path, &h->files, e) != 0)
		return -1;
	if (eg_hints_file_version(h->db, &now) != 0)
		return is_busy(h) ? 0 : eg_hints_file_fail(h->db, h->path, e);
	if (now == h->version)
		return 0;
	if (count_hints(h, e) != 0) {
		if (!is_busy(h))
			return -1;
		e->status = EG_OK;
		return 0;
	}
	h->version = now;
	return 1;
}

int
eg_hints_note(struct eg_hints *h, size_t node, const char *text, struct eg_error *e)
{
	bind_name(h, h->note, node);
	sqlite3_bind_text(h->note, 2, text, -1, SQLITE_STATIC);
	return run_statement(h, h->note, e);
}

int
eg_hints_noted(struct eg_hints *h, size_t node, char *out, size_t size, struct eg_error *e)
{
	int rc;

	*out = '\0';
	bind_name(h, h->noted, node);
	rc = sqlite3_step(h->noted);
	if (rc == SQLITE_ROW)
		snprintf(out, size, "%s", (const char *)sqlite3_column_text(h->noted, 0));
	else if (rc != SQLITE_DONE)
		eg_hints_file_fail(h->db, h->path, e);
	sqlite3_reset(h->noted);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : -1;
}

int
eg_hints_strangers(struct eg_hints *h, bool drop, uint64_t *records, struct eg_error *e)
{
	sqlite3_stmt *s = NULL, *out = NULL;
	int rc;

	*records = 0;
	rc = sqlite3_prepare_v2(h->db, "select node, sum(records) from hint group by node", -1, &s,
	    NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v2(h->db, "delete from hint where node = ?1", -1, &out, NULL);
	while (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(s, 0);

		rc = SQLITE_OK;
		if (name == NULL || eg_cluster_find(h->cluster, name) < h->cluster->n)
			continue;
		*records += (uint64_t)sqlite3_column_int64(s, 1);
		if (!drop)
			continue;
		sqlite3_bind_text(out, 1, name, -1, SQLITE_STATIC);
		if (run_statement(h, out, e) != 0)
			break;
	}
	sqlite3_finalize(s);
	sqlite3_finalize(out);
	if (e->status == EG_OK && rc != SQLITE_DONE)
		eg_hints_file_fail(h->db, h->path, e);
	return e->status == EG_OK ? eg_hints_commit(h, e) : -1;
}
