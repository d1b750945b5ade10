/* SPDX-License-Identifier: MIT */
/* The verbs that change a store. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "store/store_feed.h"
#include "store/store_verbs_parts.h"

static const char no_when[] = "the time of the deletion is not in whole nanoseconds, or too late";

/* Parses the time of a line `sensor:timestamp:when`, which has the form of a record. */
static bool
parse_when(const struct eg_record *rec, int64_t *at)
{
	return eg_verb_ns(rec->line + rec->value_at, (size_t)rec->len - rec->value_at, at);
}

/* Deletes the key at the current time, after all known events of it. */
static const char *
delete_key(struct eg_verb *r, const struct eg_record *rec)
{
	int64_t at = r->order > 0 && r->order < EG_WHEN_MAX ? r->order : eg_wall_ns();

	(void)eg_store_delete(r->store, rec, at, true, &r->e);
	return NULL;
}

static const char *
delete_at(struct eg_verb *r, const struct eg_record *rec)
{
	int64_t at;

	if (!parse_when(rec, &at))
		return no_when;
	(void)eg_store_delete(r->store, rec, at, false, &r->e);
	return NULL;
}

static const char *
evict_record(struct eg_verb *r, const struct eg_record *rec)
{
	(void)eg_store_evict(r->store, rec, &r->e);
	return NULL;
}

static const char *
evict_deletion(struct eg_verb *r, const struct eg_record *rec)
{
	int64_t at;

	if (!parse_when(rec, &at))
		return no_when;
	(void)eg_store_evict_deletion(r->store, rec, at, &r->e);
	return NULL;
}

static const char *
merge_record(struct eg_verb *r, const struct eg_record *rec)
{
	(void)eg_store_merge(r->store, rec, r->when, &r->e);
	return NULL;
}

static bool
open_to_write(struct eg_verb *r)
{
	return eg_verb_open(r, EG_STORE_WRITE) && eg_store_purge(r->store, &r->e) == 0;
}

void
eg_verb_evict(struct eg_verb *r)
{
	static const struct eg_verb_feed records = { "", true, evict_record };
	static const struct eg_verb_feed deletions = { "", true, evict_deletion };

	if (!eg_verb_fed(r))
		eg_fail(&r->e, EG_USAGE, "the records are read from standard input: evict -");
	else if (open_to_write(r))
		eg_verb_feed(r, r->deletions ? &deletions : &records);
}

void
eg_verb_merge(struct eg_verb *r)
{
	static const struct eg_verb_feed records = { NULL, true, merge_record };

	if (!eg_verb_fed(r))
		eg_fail(&r->e, EG_USAGE, "the records are read from standard input: merge -");
	else if (open_to_write(r))
		eg_verb_feed(r, &records);
}

void
eg_verb_delete(struct eg_verb *r)
{
	static const struct eg_verb_feed keys = { ":0", true, delete_key };
	static const struct eg_verb_feed deletions = { "", true, delete_at };
	char buf[EG_STORE_KEY_SIZE];
	struct eg_record rec;

	if (eg_verb_fed(r)) {
		if (open_to_write(r))
			eg_verb_feed(r, r->deletions ? &deletions : &keys);
		return;
	}
	if (r->deletions) {
		eg_fail(&r->e, EG_USAGE, "--deletions goes with '-': delete --deletions -");
		return;
	}
	for (int i = 0; i < r->args; i++)
		if (eg_verb_key(r, r->arg[i], buf, &rec) != 0)
			return;
	if (!open_to_write(r) || eg_store_begin(r->store, &r->e) != 0)
		return;
	for (int i = 0; i < r->args; i++) {
		if (eg_verb_key(r, r->arg[i], buf, &rec) != 0 ||
		    delete_key(r, &rec) != NULL || r->e.status != EG_OK)
			return;
	}
	eg_store_commit(r->store, &r->e);
}

void
eg_verb_expire(struct eg_verb *r)
{
	uint64_t gone = 0;
	int64_t before;

	if (eg_verb_time(r, r->arg[0], &before) != 0 || !open_to_write(r) ||
	    eg_store_expire(r->store, before, &gone, &r->e) != 0)
		return;
	eg_info("%" PRIu64 " records expired", gone);
}
