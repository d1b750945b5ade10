/* SPDX-License-Identifier: MIT */
/* Writes the state of a watch; state.h has its form. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/file.h"
#include "watch/state.h"
#include "watch/watch_parts.h"

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

int
eg_watch_save(struct eg_watch *w, const char *path, struct eg_error *e)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int rc;

	if (f == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	fputs(EG_WATCH_STATE_HEAD "\n", f);
	for (uint32_t i = 0; i < w->names.n; i++)
		write_sensor(f, w, i);
	fputs(EG_WATCH_STATE_TAIL "\n", f);
	if (ferror(f) | fclose(f))
		rc = eg_fail(e, EG_BUG, "out of memory");
	else
		rc = eg_file_replace(path, text, len, e);
	free(text);
	return rc;
}
