/* SPDX-License-Identifier: MIT */
/* Loads the state of a watch. */
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/number.h"
#include "record/record.h"
#include "watch/state.h"
#include "watch/watch_parts.h"

enum { FIELDS = 7 };

/* State while a file is loaded. */
struct reader {
	struct eg_watch *w;
	uint32_t sensor; /* sensor of the current lines; EG_NAMES_NONE: none yet */
	struct eg_watch_cell *cell; /* cell of the current lines; NULL: the rule no longer exists */
	bool named;                 /* a rule line has been read */
	struct eg_error *e;
};

/* Splits a line at its tabs into `most` fields at most; the last one holds the rest of the
 * line. Returns the number of fields. */
static size_t
split_fields(char *line, char *field[], size_t most)
{
	size_t n = 0;
	char *tab = line;

	while (tab != NULL && n < most) {
		field[n++] = tab;
		tab = n < most ? strchr(tab, '\t') : NULL;
		if (tab != NULL)
			*tab++ = '\0';
	}
	return n;
}

static bool
read_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
	return eg_int_parse(text, min, max, out) == EG_NUMBER_OK;
}

static bool
read_double(const char *text, double *out)
{
	return eg_double_parse(text, -DBL_MAX, DBL_MAX, out) == EG_NUMBER_OK;
}

static bool
take_sensor(struct reader *r, char *line)
{
	char *field[2];
	struct eg_record rec;
	char key[EG_SENSOR_MAX + 64];
	int64_t last;
	int n;

	if (split_fields(line, field, 2) != 2 || !read_int(field[1], INT64_MIN, INT64_MAX, &last) ||
	    strlen(field[0]) > EG_SENSOR_MAX)
		return false;
	n = snprintf(key, sizeof(key), "%s:2026-01-01T00:00:00:1", field[0]);
	if (eg_record_parse(key, (size_t)n, &rec) != EG_FAULT_NONE)
		return false;
	r->sensor = eg_watch_sensor_of(r->w, field[0], strlen(field[0]), r->e);
	if (r->sensor == EG_NAMES_NONE)
		return false;
	r->w->sensor[r->sensor].seen = true;
	r->w->sensor[r->sensor].last = last;
	r->w->sensor[r->sensor].arrived = r->w->now;
	r->named = false;
	return true;
}

/* The current sensor's cell for the rule of that name and kind, or NULL. */
static struct eg_watch_cell *
find_cell(const struct reader *r, const char *rule, const char *kind)
{
	const struct eg_watch_sensor *s = &r->w->sensor[r->sensor];

	for (uint32_t i = s->cell; i < s->cell + s->cells; i++) {
		const struct eg_watch_rule *found = &r->w->rules->rule[r->w->cell[i].rule];

		if (strcmp(found->name, rule) == 0 && strcmp(eg_watch_kind_name(found->kind), kind) == 0)
			return &r->w->cell[i];
	}
	return NULL;
}

static bool
restore_cell(struct reader *r, char *line)
{
	char *field[FIELDS];
	int64_t on, known, since;
	double ref;

	if (r->sensor == EG_NAMES_NONE || split_fields(line, field, FIELDS) != FIELDS ||
	    !read_int(field[3], 0, 1, &on) || !read_int(field[4], 0, 1, &known) ||
	    !read_int(field[5], INT64_MIN, INT64_MAX, &since) || !read_double(field[6], &ref))
		return false;
	r->named = true;
	r->cell = find_cell(r, field[1], field[2]);
	if (r->cell != NULL) {
		r->cell->on = on == 1;
		r->cell->known = known == 1;
		r->cell->since = since;
		r->cell->ref = ref;
	}
	return true;
}

/* Reads `SLOT:WEEKS:MEAN`. */
static bool
take_slot(struct eg_unusual *u, char *text)
{
	char *weeks_at = strchr(text, ':');
	char *mean_at = weeks_at != NULL ? strchr(weeks_at + 1, ':') : NULL;
	int64_t slot, weeks;
	double mean;

	if (mean_at == NULL)
		return false;
	*weeks_at++ = *mean_at++ = '\0';
	if (!read_int(text, 0, EG_UNUSUAL_SLOTS - 1, &slot) ||
	    !read_int(weeks_at, 1, UINT8_MAX, &weeks) || !read_double(mean_at, &mean))
		return false;
	u->weeks[slot] = (uint8_t)weeks;
	u->mean[slot] = mean;
	return true;
}

static bool
take_history(struct reader *r, char *line)
{
	struct eg_unusual u = { .n = 0 };
	char *field[FIELDS + 1], *slot, *rest;
	int64_t n, deviations;
	size_t fields = split_fields(line, field, FIELDS + 1);

	if (!r->named || fields < FIELDS || !read_int(field[2], INT64_MIN, INT64_MAX, &u.hour) ||
	    !read_double(field[3], &u.sum) || !read_int(field[4], 0, UINT32_MAX, &n) ||
	    !read_double(field[5], &u.deviation) || u.deviation < 0 ||
	    !read_int(field[6], 0, UINT32_MAX, &deviations))
		return false;
	u.n = (uint32_t)n;
	u.deviations = (uint32_t)deviations;
	rest = fields > FIELDS ? field[FIELDS] : NULL;
	while ((slot = strsep(&rest, "\t")) != NULL)
		if (!take_slot(&u, slot))
			return false;
	if (r->cell == NULL)
		return true;
	if (r->cell->history == NULL && (r->cell->history = malloc(sizeof(u))) == NULL)
		return eg_fail(r->e, EG_BUG, "out of memory") == 0;
	*r->cell->history = u;
	return true;
}

/* Deadlines are not in the file; computes them from the sensors' last readings. */
static int
queue_all(struct eg_watch *w, struct eg_error *e)
{
	for (uint32_t i = 0; i < w->cells; i++)
		if (w->rules->rule[w->cell[i].rule].kind == EG_WATCH_SILENT &&
		    w->sensor[w->cell[i].sensor].seen && eg_watch_queue(w, i, e) != 0)
			return -1;
	return 0;
}

/* Cuts the text after the last line `end`. False: there is no such line. */
static bool
cut_tail(char *text)
{
	static const char tail[] = "\n" EG_WATCH_STATE_TAIL "\n";
	char *last = NULL, *at = text;

	while ((at = strstr(at, tail)) != NULL)
		last = at++;
	if (last != NULL)
		last[sizeof(tail) - 2] = '\0';
	return last != NULL;
}

static bool
take_line(struct reader *r, char *line)
{
	if (strcmp(line, EG_WATCH_STATE_TAIL) == 0)
		return true;
	if (*line != '\t')
		return take_sensor(r, line);
	return line[1] == '\t' ? take_history(r, line) : restore_cell(r, line);
}

int
eg_watch_restore(struct eg_watch *w, const char *path, char *text, struct eg_error *e)
{
	struct reader r = { .w = w, .sensor = EG_NAMES_NONE, .e = e };
	char *rest = text, *line;
	unsigned number = 1;
	bool good = cut_tail(text) && (line = strsep(&rest, "\n")) != NULL &&
	    strcmp(line, EG_WATCH_STATE_HEAD) == 0;

	while (good && (line = strsep(&rest, "\n")) != NULL) {
		number++;
		good = take_line(&r, line);
	}
	if (e->status != EG_OK)
		return -1;
	if (!good)
		return eg_fail(e, EG_CONFIG, "%s:%u: is not a state written by eg-watch", path, number);
	return queue_all(w, e);
}

static int
load_file(struct eg_watch *w, const char *path, struct eg_error *e)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *text = NULL;
	int rc = 0;

	if (f == NULL && errno == ENOENT)
		return eg_file_check(path, e);
	if (f == NULL)
		return eg_fail(e, eg_status_of(errno), "cannot read '%s': %s", path, strerror(errno));
	if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode))
		rc = eg_fail(e, EG_CONFIG, "'%s' is not a regular file", path);
	else if ((text = calloc(1, (size_t)st.st_size + 1)) == NULL)
		rc = eg_fail(e, EG_BUG, "out of memory");
	else if (fread(text, 1, (size_t)st.st_size, f) < (size_t)st.st_size)
		rc = eg_fail(e, eg_status_of(errno), "cannot read '%s': %s", path, strerror(errno));
	else
		rc = eg_watch_restore(w, path, text, e);
	free(text);
	(void)fclose(f);
	return rc == 0 ? eg_file_check(path, e) : -1;
}

int
eg_watch_load(struct eg_watch *w, const char *path, struct eg_error *e)
{
	w->lock = eg_watch_lock(path, e);
	return w->lock >= 0 ? load_file(w, path, e) : -1;
}
