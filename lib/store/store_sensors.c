/* SPDX-License-Identifier: MIT */
/* A cache of a store's sensors, by name. */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "store/store_db.h"

enum { SENSORS_MIN = 64, SENSORS_MAX = 128 * 1024 };

static struct eg_store_sensor **
sensor_slot(const struct eg_store *s, const char *name, size_t len, uint64_t seed)
{
	size_t mask = s->sensor_room - 1, i = (size_t)seed & mask;

	while (s->sensors[i] != NULL && (s->sensors[i]->seed != seed || s->sensors[i]->len != len ||
	    memcmp(s->sensors[i]->name, name, len) != 0))
		i = (i + 1) & mask;
	return &s->sensors[i];
}

static int
grow_sensors(struct eg_store *s, struct eg_error *e)
{
	size_t old = s->sensor_room, room = old == 0 ? SENSORS_MIN : 2 * old;
	struct eg_store_sensor **from = s->sensors,
	    **all = calloc(room, sizeof(struct eg_store_sensor *));

	if (all == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	s->sensors = all;
	s->sensor_room = room;
	for (size_t i = 0; i < old; i++)
		if (from[i] != NULL)
			*sensor_slot(s, from[i]->name, from[i]->len, from[i]->seed) = from[i];
	free(from);
	return 0;
}

void
eg_store_sensors_clear(struct eg_store *s)
{
	for (size_t i = 0; i < s->sensor_room; i++) {
		free(s->sensors[i]);
		s->sensors[i] = NULL;
	}
	s->sensor_count = 0;
	s->recent = NULL;
}

void
eg_store_sensors_limit(struct eg_store *s)
{
	if (s->sensor_count >= SENSORS_MAX)
		eg_store_sensors_clear(s);
}

/* Returns the sensor's id in the database; 0: not found; -1 with *e. */
static int64_t
sensor_id(struct eg_store *s, const char *name, size_t len, bool add, struct eg_error *e)
{
	sqlite3_stmt *st = eg_store_stmt(s, STMT_SENSOR_FIND, e);
	int64_t id = 0;
	int rc;

	if (st == NULL)
		return -1;
	sqlite3_bind_text(st, 1, name, (int)len, SQLITE_STATIC);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		id = sqlite3_column_int64(st, 0);
	else if (rc != SQLITE_DONE)
		id = eg_store_fail(s, "read", e);
	sqlite3_reset(st);
	if (id != 0 || !add)
		return id;
	st = eg_store_stmt(s, STMT_SENSOR_ADD, e);
	if (st == NULL)
		return -1;
	sqlite3_bind_text(st, 1, name, (int)len, SQLITE_STATIC);
	return eg_store_step(s, st, e) != 0 ? -1 : sqlite3_last_insert_rowid(s->db);
}

struct eg_store_sensor *
eg_store_sensor(struct eg_store *s, const char *name, size_t len, bool add, struct eg_error *e)
{
	uint64_t seed;
	struct eg_store_sensor *found = s->recent, **slot;
	int64_t id;

	if (found != NULL && found->len == len && memcmp(found->name, name, len) == 0)
		return found;
	seed = eg_store_hash_name(name, len);
	if (2 * s->sensor_count >= s->sensor_room && grow_sensors(s, e) != 0)
		return NULL;
	slot = sensor_slot(s, name, len, seed);
	if (*slot == NULL) {
		id = sensor_id(s, name, len, add, e);
		if (id <= 0)
			return NULL;
		found = malloc(sizeof(*found) + len);
		if (found == NULL) {
			eg_fail(e, EG_BUG, "out of memory");
			return NULL;
		}
		found->id = id;
		found->seed = seed;
		found->len = len;
		memcpy(found->name, name, len);
		*slot = found;
		s->sensor_count++;
	}
	return s->recent = *slot;
}
