/* SPDX-License-Identifier: MIT */
/* The file of meters. */
#include "meters/meters.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/diag.h"
#include "record/names.h"
#include "record/pattern.h"
#include "record/record.h"

enum { KEPT_MAX = 131072 };

struct eg_meters {
	struct eg_config file; /* holds the texts */
	struct eg_meter *meter;
	size_t n, room;
	struct eg_names patterns; /* numbered as the meters */
	uint32_t *glob;           /* the meters with a pattern that is more than a name */
	size_t globs, glob_room;
	/* Cache: for each sensor the index of its meter, n for none. */
	struct eg_names asked;
	uint32_t *answer;
	size_t answers;
};

static bool
is_glob(const char *pattern)
{
	return strpbrk(pattern, "*?[\\") != NULL;
}

static int
take_kind_and_role(const struct eg_config *c, struct eg_meter *m, const char *kind,
    const char *role, struct eg_error *e)
{
	char q[EG_QUOTE_MAX];

	if (!eg_kind_parse(kind, &m->kind, &m->pulses))
		return eg_config_wrong(c, e, "%s is no kind: there are %s",
		    eg_quote(kind, strlen(kind), q), eg_kind_words());
	for (m->role = EG_ROLE_NONE; m->role < EG_ROLES; m->role++)
		if (strcmp(role, eg_role_name(m->role)) == 0)
			return 0;
	return eg_config_wrong(c, e, "%s is no role: there are grid-import, grid-export, grid, pv, "
	    "battery-charge, battery-discharge, battery, device, house, none",
	    eg_quote(role, strlen(role), q));
}

/* Adds the pattern of the next meter. Refuses it if no sensor could reach it. */
static int
take_pattern(struct eg_meters *m, const char *pattern, struct eg_error *e)
{
	const char *fault = eg_pattern_fault(pattern);
	char q[EG_QUOTE_MAX];
	uint32_t i;

	if (fault != NULL)
		return eg_config_wrong(&m->file, e, "the pattern %s matches no sensor: %s",
		    eg_quote(pattern, strlen(pattern), q), fault);
	i = eg_names_add(&m->patterns, pattern, strlen(pattern));
	if (i == EG_NAMES_NONE)
		return eg_fail(e, EG_BUG, "out of memory");
	if (i < m->n)
		return eg_config_wrong(&m->file, e, "the pattern %s stands in line %u, too, and the "
		    "first match wins", eg_quote(pattern, strlen(pattern), q), m->meter[i].line);
	if (is_glob(pattern))
		m->glob[m->globs++] = i;
	return 0;
}

static int
make_room(struct eg_meters *m, struct eg_error *e)
{
	if (eg_buf_grow(&m->meter, &m->room, m->n + 1, sizeof(*m->meter)) &&
	    eg_buf_grow(&m->glob, &m->glob_room, m->globs + 1, sizeof(*m->glob)))
		return 0;
	return eg_fail(e, EG_BUG, "out of memory");
}

static int
take_line(struct eg_meters *m, char *line, struct eg_error *e)
{
	char *pattern = eg_config_word(&line), *kind = eg_config_word(&line);
	char *role = eg_config_word(&line);
	struct eg_meter one = { .pattern = pattern, .name = line, .line = m->file.line };

	if (role == NULL)
		return eg_config_wrong(&m->file, e,
		    "want a pattern, a kind, a role and, if you like, a name");
	if (take_kind_and_role(&m->file, &one, kind, role, e) != 0 || make_room(m, e) != 0 ||
	    take_pattern(m, pattern, e) != 0)
		return -1;
	m->meter[m->n++] = one;
	return 0;
}

/* Reads the lines of the opened file. Returns m, or NULL and frees it. */
static struct eg_meters *
take_lines(struct eg_meters *m, struct eg_error *e)
{
	char *line;

	while ((line = eg_config_next(&m->file, e)) != NULL)
		if (take_line(m, line, e) != 0)
			break;
	if (e->status == EG_OK && m->n == 0)
		eg_fail(e, EG_CONFIG, "'%s' holds no meter", m->file.path);
	if (e->status == EG_OK)
		return m;
	eg_meters_free(m);
	return NULL;
}

static struct eg_meters *
new_meters(struct eg_error *e)
{
	struct eg_meters *m = calloc(1, sizeof(*m));

	if (m == NULL)
		eg_fail(e, EG_BUG, "out of memory");
	return m;
}

struct eg_meters *
eg_meters_read(const char *path, struct eg_error *e)
{
	struct eg_meters *m = new_meters(e);

	if (m != NULL && eg_config_open(&m->file, path, e) == 0)
		return take_lines(m, e);
	eg_meters_free(m);
	return NULL;
}

struct eg_meters *
eg_meters_parse(const char *path, const char *text, size_t len, struct eg_error *e)
{
	struct eg_meters *m = new_meters(e);

	if (m != NULL && eg_config_copy(&m->file, path, text, len, e) == 0)
		return take_lines(m, e);
	eg_meters_free(m);
	return NULL;
}

static void
forget_answers(struct eg_meters *m)
{
	eg_names_close(&m->asked);
	free(m->answer);
	m->answer = NULL;
	m->answers = 0;
}

void
eg_meters_free(struct eg_meters *m)
{
	if (m == NULL)
		return;
	forget_answers(m);
	eg_names_close(&m->patterns);
	eg_config_close(&m->file);
	free(m->meter);
	free(m->glob);
	free(m);
}

/* Index of the first line that matches; n: none. A file may have a line for each of 100,000 meters,
 * so names are found by their hash. */
static size_t
match(const struct eg_meters *m, const char *sensor, size_t len)
{
	uint32_t same = eg_names_find(&m->patterns, sensor, len);
	size_t first = same != EG_NAMES_NONE && !is_glob(m->meter[same].pattern) ? same : m->n;
	char name[EG_SENSOR_MAX + 1];

	memcpy(name, sensor, len);
	name[len] = '\0';
	for (size_t i = 0; i < m->globs && m->glob[i] < first; i++)
		if (fnmatch(m->meter[m->glob[i]].pattern, name, 0) == 0)
			return m->glob[i];
	return first;
}

/* Adds the sensor's meter to the cache, unless memory is out. */
static void
keep_answer(struct eg_meters *m, const char *sensor, size_t len, size_t answer)
{
	if (m->asked.n == KEPT_MAX)
		forget_answers(m);
	if (!eg_buf_grow(&m->answer, &m->answers, m->asked.n + 1, sizeof(*m->answer)))
		return;
	if (eg_names_add(&m->asked, sensor, len) != EG_NAMES_NONE)
		m->answer[m->asked.n - 1] = (uint32_t)answer;
}

const struct eg_meter *
eg_meters_find(struct eg_meters *m, const char *sensor, size_t len)
{
	uint32_t known;
	size_t i;

	if (len == 0 || len > EG_SENSOR_MAX)
		return NULL;
	known = eg_names_find(&m->asked, sensor, len);
	i = known != EG_NAMES_NONE ? m->answer[known] : match(m, sensor, len);
	if (known == EG_NAMES_NONE)
		keep_answer(m, sensor, len, i);
	return i < m->n ? &m->meter[i] : NULL;
}

const struct eg_meter *
eg_meters_list(const struct eg_meters *m, size_t *n)
{
	*n = m->n;
	return m->meter;
}
