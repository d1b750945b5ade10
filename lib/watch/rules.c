/* SPDX-License-Identifier: MIT */
/* The rules of eg-watch: `NAME PATTERN CONDITION [DAYS [HOURS]]...` a line. */
#include "watch/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"
#include "base/zone.h"
#include "record/pattern.h"
#include "watch/rules_parts.h"

static const char *const kinds[EG_WATCH_KINDS] = { "over", "under", "silent", "stuck", "step",
	"unusual" };

const char *
eg_watch_kind_name(enum eg_watch_kind k)
{
	return kinds[k];
}

/* A rule's name becomes part of the edge's sensor name `watch/RULE/SENSOR`. */
static bool
is_rule_name(const char *s)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t len = strlen(s);

	return len <= EG_WATCH_NAME_MAX && strspn(s, letters) == len;
}

static int
take_zone(struct eg_watch_rules *r, char *rest, struct eg_error *e)
{
	struct eg_error why = { 0 };

	if (r->zone != NULL)
		return eg_config_wrong(&r->file, e, "a second zone");
	if (r->n > 0)
		return eg_config_wrong(&r->file, e, "the zone must come before all rules");
	r->zone = eg_zone_open(rest, &why);
	return r->zone != NULL ? 0 : eg_config_wrong(&r->file, e, "%s", why.text);
}

/* Finds the rule with this name and kind, or appends a new one. NULL with *e. */
static struct eg_watch_rule *
find_rule(struct eg_watch_rules *r, const char *name, enum eg_watch_kind kind, struct eg_error *e)
{
	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->rule[i].name, name) != 0)
			continue;
		if (r->rule[i].kind == kind)
			return &r->rule[i];
		eg_config_wrong(&r->file, e, "the rule '%s' is of the kind %s in line %u", name,
		    kinds[r->rule[i].kind], r->rule[i].line[0].line);
		return NULL;
	}
	if (r->n == EG_WATCH_RULES_MAX) {
		eg_config_wrong(&r->file, e, "more than %d names of rules", EG_WATCH_RULES_MAX);
		return NULL;
	}
	if (!eg_buf_grow(&r->rule, &r->room, r->n + 1, sizeof(*r->rule))) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	r->rule[r->n] = (struct eg_watch_rule){ .name = name, .kind = kind };
	return &r->rule[r->n++];
}

static int
check_head(const struct eg_watch_rules *r, const char *name, const char *pattern,
    struct eg_error *e)
{
	const char *fault = eg_pattern_fault(pattern);
	char q[EG_QUOTE_MAX];

	if (!is_rule_name(name))
		return eg_config_wrong(&r->file, e, "%s: the name of a rule has at most %d letters, digits "
		    "and _.-", eg_quote(name, strlen(name), q), EG_WATCH_NAME_MAX);
	if (fault != NULL)
		return eg_config_wrong(&r->file, e, "the pattern %s matches no sensor: %s",
		    eg_quote(pattern, strlen(pattern), q), fault);
	return 0;
}

static int
take_line(struct eg_watch_rules *r, char *rest, struct eg_error *e)
{
	char *name = eg_config_word(&rest), *pattern, *word, q[EG_QUOTE_MAX];
	struct eg_watch_line line = { .line = r->file.line };
	enum eg_watch_kind kind = 0;
	struct eg_watch_rule *rule;

	if (strcmp(name, "zone") == 0)
		return take_zone(r, rest, e);
	pattern = eg_config_word(&rest);
	if ((word = eg_config_word(&rest)) == NULL)
		return eg_config_wrong(&r->file, e, "want a name, a pattern and a condition");
	if (check_head(r, name, pattern, e) != 0)
		return -1;
	while (kind < EG_WATCH_KINDS && strcmp(kinds[kind], word) != 0)
		kind++;
	if (kind == EG_WATCH_KINDS)
		return eg_config_wrong(&r->file, e, "%s is no condition: there are over, under, silent, "
		    "stuck, step, unusual", eg_quote(word, strlen(word), q));
	line.pattern = pattern;
	line.len = strlen(pattern);
	line.glob = strpbrk(pattern, "*?[\\") != NULL;
	if (eg_watch_condition(&r->file, kind, &line, rest, e) == 0 &&
	    (rule = find_rule(r, name, kind, e)) != NULL) {
		if (eg_buf_grow(&rule->line, &rule->room, rule->n + 1, sizeof(*rule->line))) {
			rule->line[rule->n++] = line;
			return 0;
		}
		eg_fail(e, EG_BUG, "out of memory");
	}
	free(line.week);
	return -1;
}

static int
take_lines(struct eg_watch_rules *r, struct eg_error *e)
{
	char *line;

	while ((line = eg_config_next(&r->file, e)) != NULL) {
		eg_config_cut_comment(line);
		if (take_line(r, line, e) != 0)
			break;
	}
	if (e->status == EG_OK && r->n == 0)
		eg_fail(e, EG_CONFIG, "'%s' has no rule", r->file.path);
	if (e->status == EG_OK)
		return 0;
	eg_watch_rules_free(r);
	return -1;
}

int
eg_watch_rules_read(struct eg_watch_rules *r, const char *path, struct eg_error *e)
{
	*r = (struct eg_watch_rules){ .n = 0 };
	return eg_config_open(&r->file, path, e) == 0 ? take_lines(r, e) : -1;
}

int
eg_watch_rules_parse(struct eg_watch_rules *r, const char *path, const char *text, size_t len,
    struct eg_error *e)
{
	*r = (struct eg_watch_rules){ .n = 0 };
	return eg_config_copy(&r->file, path, text, len, e) == 0 ? take_lines(r, e) : -1;
}

void
eg_watch_rules_free(struct eg_watch_rules *r)
{
	for (size_t i = 0; i < r->n; i++) {
		for (size_t k = 0; k < r->rule[i].n; k++)
			free(r->rule[i].line[k].week);
		free(r->rule[i].line);
	}
	free(r->rule);
	eg_zone_free(r->zone);
	eg_config_close(&r->file);
	*r = (struct eg_watch_rules){ .n = 0 };
}

int
eg_watch_minute(const struct eg_watch_rules *r, int64_t ns)
{
	int64_t second = ns / EG_NS_PER_S - (ns % EG_NS_PER_S < 0), day;
	struct eg_local at;

	if (r->zone != NULL) {
		at = eg_zone_local(r->zone, second);
		return at.weekday * EG_WEEK_DAY + at.second / 60;
	}
	day = second / 86400 - (second % 86400 < 0);
	return eg_day_weekday(day) * EG_WEEK_DAY + (int)((second - day * 86400) / 60);
}
