/* SPDX-License-Identifier: MIT */
/* The tables of a store, and the check whether a database is a store. */
#include "base/diag.h"
#include "store/store_db.h"
#include "store/store_file.h"

/* Users of sqlite3 see these tables. `written` is stored as `lag`, the microseconds since the
 * record's instant. That takes 3 or 4 bytes for a live reading instead of 8. */
static const char schema[] =
    "CREATE TABLE sensors(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE records("
    " sensor INTEGER NOT NULL REFERENCES sensors(id),"
    " ns INTEGER NOT NULL,"
    " value TEXT NOT NULL,"
    " spelling TEXT,"
    " lag INTEGER,"
    " written INTEGER AS ((ns / 1000 + lag) * 1000) VIRTUAL,"
    " PRIMARY KEY(sensor, ns)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE deletions("
    " sensor INTEGER NOT NULL REFERENCES sensors(id),"
    " ns INTEGER NOT NULL,"
    " deleted INTEGER NOT NULL,"
    " written INTEGER,"
    " PRIMARY KEY(sensor, ns)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE digests("
    " sensor INTEGER NOT NULL REFERENCES sensors(id),"
    " day INTEGER NOT NULL,"
    " records INTEGER NOT NULL,"
    " deletions INTEGER NOT NULL,"
    " digest INTEGER NOT NULL,"
    " PRIMARY KEY(sensor, day)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE expired(before INTEGER NOT NULL) STRICT;"
    /* Division truncates towards zero, but seconds before 1970 must be rounded down. */
    "CREATE VIEW readings AS SELECT s.name AS sensor,"
    " strftime('%Y-%m-%dT%H:%M:%S', r.ns / 1000000000 - (r.ns % 1000000000 < 0), 'unixepoch') ||"
    " CASE WHEN r.ns % 1000000000 = 0 THEN '' ELSE rtrim(format('.%09d',"
    " (r.ns % 1000000000 + 1000000000) % 1000000000), '0') END AS time,"
    " CAST(r.value AS REAL) AS value"
    " FROM records r JOIN sensors s ON s.id = r.sensor;"
    "PRAGMA application_id = 1162302020;" /* EG_STORE_ID */
    "PRAGMA user_version = 2;";

_Static_assert(EG_STORE_ID == 1162302020 && EG_STORE_VERSION == 2, "as the schema says");

/* Version 1 stored the time of writing only for records that follow a deletion. */
static const char from_1[] =
    "ALTER TABLE records ADD COLUMN lag INTEGER;"
    "ALTER TABLE records ADD COLUMN written INTEGER AS ((ns / 1000 + lag) * 1000) VIRTUAL;"
    "UPDATE records SET lag = (SELECT (d.written + 999) / 1000 - d.ns / 1000 FROM deletions d"
    " WHERE d.sensor = records.sensor AND d.ns = records.ns)"
    " WHERE (sensor, ns) IN (SELECT sensor, ns FROM deletions WHERE written IS NOT NULL);"
    "PRAGMA user_version = 2;";

/* Makes a store of version 1 look like version 2 to readers, with unknown times of writing. */
static const char read_1[] =
    "CREATE TEMP VIEW records AS SELECT *, NULL AS written FROM main.records";

/* As eg_store_identify, inside a transaction. */
static int
identify(struct eg_store *s, bool *blank, struct eg_error *e)
{
	int64_t id, version, tables;
	bool null;

	if (eg_store_int(s, "PRAGMA application_id", &id, &null, e) != 0 ||
	    eg_store_int(s, "PRAGMA user_version", &version, &null, e) != 0 ||
	    eg_store_int(s, "SELECT count(*) FROM sqlite_schema", &tables, &null, e) != 0)
		return -1;
	*blank = id == 0 && version == 0 && tables == 0;
	if (*blank)
		return 0;
	if (id != EG_STORE_ID)
		return eg_fail(e, EG_CONFIG, "'%s' is a database of another program", s->path);
	if (version > EG_STORE_VERSION)
		return eg_store_fail_newer(s->path, version, e);
	if (version < 1)
		return eg_fail(e, EG_LOCAL_IO, "'%s' is damaged: its version is %lld", s->path,
		    (long long)version);
	s->version = (int)version;
	return 0;
}

int
eg_store_identify(struct eg_store *s, bool *blank, struct eg_error *e)
{
	int rc;

	if (eg_store_exec(s, "BEGIN", e) != 0)
		return -1;
	rc = identify(s, blank, e);
	eg_store_rollback(s);
	return rc;
}

int
eg_store_make(struct eg_store *s, struct eg_error *e)
{
	bool blank;

	if (eg_store_exec(s, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE", e) != 0)
		return -1;
	if (identify(s, &blank, e) != 0 || (blank && eg_store_exec(s, schema, e) != 0) ||
	    (!blank && s->version == 1 && eg_store_exec(s, from_1, e) != 0) ||
	    eg_store_exec(s, "COMMIT", e) != 0) {
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	s->version = EG_STORE_VERSION;
	return 0;
}

int
eg_store_read_old(struct eg_store *s, struct eg_error *e)
{
	return s->version == 1 ? eg_store_exec(s, read_1, e) : 0;
}
