/* SPDX-License-Identifier: MIT */
/* Writes the state of a watch; state.h has its form. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/file.h"
#include "watch/state.h"
#include "watch/watch_parts.h"

enum { APPEND_MIN = 64 * 1024 }; /* bytes that may be appended to a small state */

static void
write_history(FILE *f, const struct eg_unusual *u)
{
	fprintf(f, "\t\t%" PRId64 "\t%.17g\t%" PRIu32 "\t%.17g\t%" PRIu32, u->hour, u->sum, u->n,
	    u->deviation, u->deviations);
	for (int i = 0; i < EG_UNUSUAL_SLOTS; i++)
		if (u->weeks[i] > 0)
			fprintf(f, "\t%d:%u:%.17g", i, u->weeks[i], u->mean[i]);
	fprintf(f, "\n");
}

static void
write_sensor(FILE *f, const struct eg_watch *w, uint32_t number)
{
	const struct eg_watch_sensor *s = &w->sensor[number];
	size_t len;
	const char *name = eg_names_text(&w->names, number, &len);

	if (!s->seen || s->cells == 0)
		return;
	fprintf(f, "%.*s\t%" PRId64 "\n", (int)len, name, s->last);
	for (uint32_t i = s->cell; i < s->cell + s->cells; i++) {
		const struct eg_watch_cell *c = &w->cell[i];
		const struct eg_watch_rule *r = &w->rules->rule[c->rule];

		fprintf(f, "\t%s\t%s\t%d\t%d\t%" PRId64 "\t%.17g\n", r->name, eg_watch_kind_name(r->kind),
		    c->on, c->known, c->since, c->ref);
		if (c->history != NULL)
			write_history(f, c->history);
	}
}

/* The text of all sensors, or of those that changed. NULL with *e; the caller frees it. */
static char *
state_text(const struct eg_watch *w, bool whole, size_t *len, struct eg_error *e)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);
	bool failed = f == NULL;

	if (f != NULL) {
		if (whole)
			(void)fputs(EG_WATCH_STATE_HEAD "\n", f);
		for (uint32_t i = 0; i < (whole ? w->names.n : w->changes_n); i++)
			write_sensor(f, w, whole ? i : w->changes[i]);
		(void)fputs(EG_WATCH_STATE_TAIL "\n", f);
		failed = ferror(f);
		failed |= fclose(f) != 0;
	}
	if (failed) {
		free(text);
		text = NULL;
		eg_fail(e, EG_BUG, "out of memory");
	}
	return text;
}

static int
save_whole(struct eg_watch *w, const char *path, struct eg_error *e)
{
	size_t len = 0;
	char *text = state_text(w, true, &len, e);
	int rc = text != NULL ? eg_file_replace(path, text, len, e) : -1;

	free(text);
	if (rc == 0)
		w->file_size = w->whole_size = len;
	return rc;
}

/* 1: the file has changed since the last save, and has to be written as a whole. */
static int
save_changes(struct eg_watch *w, const char *path, struct eg_error *e)
{
	size_t len = 0;
	char *text = state_text(w, false, &len, e);
	int rc = text != NULL ? eg_file_append(path, w->file_size, text, len, e) : -1;

	free(text);
	if (rc == 0)
		w->file_size += len;
	return rc;
}

int
eg_watch_save(struct eg_watch *w, const char *path, struct eg_error *e)
{
	int rc = 1;

	if (w->file_size > 0 && w->file_size < 2 * w->whole_size + APPEND_MIN)
		rc = save_changes(w, path, e);
	if (rc > 0)
		rc = save_whole(w, path, e);
	if (rc != 0)
		return -1;
	for (size_t i = 0; i < w->changes_n; i++)
		w->sensor[w->changes[i]].changed = false;
	w->changes_n = 0;
	return 0;
}
