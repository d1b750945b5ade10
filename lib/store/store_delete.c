/* SPDX-License-Identifier: MIT */
/* Deletes records with or without remembering the deletion. */
#include "base/clock.h"
#include "base/diag.h"
#include "store/store_db.h"

/* Removes the record of this key, which must exist. */
static int
remove_record(struct eg_store *s, const struct eg_store_sensor *sensor, int64_t ns,
    const struct eg_store_kept *kept, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_REMOVE, e);

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, sensor->id);
	sqlite3_bind_int64(st, 2, ns);
	if (eg_store_step(s, st, e) != 0)
		return -1;
	return eg_store_delta(s, sensor->id, ns, -1, 0, kept->hash, e);
}

/* Stores the deletion of the key. */
static int
tombstone(struct eg_store *s, const struct eg_store_sensor *sensor, int64_t ns, int64_t at,
    bool was_deleted, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_DELETION_PUT, e);

	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, sensor->id);
	sqlite3_bind_int64(st, 2, ns);
	sqlite3_bind_int64(st, 3, at);
	if (eg_store_step(s, st, e) != 0)
		return -1;
	/* later records of this transaction must look for deletions */
	s->deletions = true;
	return was_deleted ? 0 : eg_store_delta(s, sensor->id, ns, 0, 1,
	    eg_store_hash_deletion(sensor->seed, ns), e);
}

int
eg_store_delete(struct eg_store *s, const struct eg_record *r, int64_t at, bool last,
    struct eg_error *e)
{
	struct eg_store_sensor *sensor;
	struct eg_store_history h;
	struct eg_store_kept kept;

	/* A deletion older than this would be forgotten at once. */
	if (!last && at < eg_wall_ns() - s->keep_ns)
		return 0;
	sensor = eg_store_sensor(s, r->line, r->sensor_len, true, e);
	if (sensor == NULL || eg_store_recall(s, sensor->id, r->ns, &h, e) != 0 ||
	    eg_store_find(s, sensor, r->ns, NULL, &kept, e) != 0)
		return -1;
	/* The time of writing counts only if the store has seen a deletion of the key before.
	 * Otherwise the record may be an old one that was stored again, for example on a newly
	 * installed node. */
	if (h.there && kept.there && kept.written > h.last)
		h.last = kept.written;
	if (last)
		at = eg_store_later(at, h.there && h.last > kept.written ? h.last : kept.written);
	else if (h.there && h.last >= at)
		return 0;
	if (kept.there && remove_record(s, sensor, r->ns, &kept, e) != 0)
		return -1;
	return tombstone(s, sensor, r->ns, at, h.deleted, e);
}

int
eg_store_evict(struct eg_store *s, const struct eg_record *r, struct eg_error *e)
{
	struct eg_store_sensor *sensor = eg_store_sensor(s, r->line, r->sensor_len, false, e);
	struct eg_store_kept kept;

	if (sensor == NULL)
		return e->status == EG_OK ? 0 : -1;
	if (eg_store_find(s, sensor, r->ns, r, &kept, e) != 0)
		return -1;
	return kept.there && kept.order == 0 ? remove_record(s, sensor, r->ns, &kept, e) : 0;
}

int
eg_store_evict_deletion(struct eg_store *s, const struct eg_record *r, int64_t at,
    struct eg_error *e)
{
	struct eg_store_sensor *sensor = eg_store_sensor(s, r->line, r->sensor_len, false, e);
	sqlite3_stmt *st;

	if (sensor == NULL)
		return e->status == EG_OK ? 0 : -1;
	st = eg_store_stmt(s, STMT_DELETION_REMOVE, e);
	if (st == NULL)
		return -1;
	sqlite3_bind_int64(st, 1, sensor->id);
	sqlite3_bind_int64(st, 2, r->ns);
	sqlite3_bind_int64(st, 3, at);
	if (eg_store_step(s, st, e) != 0)
		return -1;
	return sqlite3_changes(s->db) == 0 ? 0 : eg_store_delta(s, sensor->id, r->ns, 0, -1,
	    eg_store_hash_deletion(sensor->seed, r->ns), e);
}
