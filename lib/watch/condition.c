/* SPDX-License-Identifier: MIT */
/* The condition of a rule's line: `over 3000 for 2m until 2800 mon-fri 8-20`. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"
#include "watch/rules_parts.h"

#define YEAR_MS (INT64_C(366) * 86400 * 1000)

enum { WEEKS_MAX = 52 };

/* The rest of the line, the file for error messages, and the error to fill. */
struct words {
	const struct eg_config *c;
	char *rest;
	struct eg_error *e;
};

static int
wrong(const struct words *w, const char *word, const char *want)
{
	char q[EG_QUOTE_MAX];

	if (word == NULL)
		return eg_config_wrong(w->c, w->e, "the line ends where %s is wanted", want);
	return eg_config_wrong(w->c, w->e, "%s: want %s", eg_quote(word, strlen(word), q), want);
}

/* Skips the next word if it equals `word`. Returns whether it did. */
static bool
take_word(struct words *w, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(w->rest, word, len) != 0 || (w->rest[len] != ' ' && w->rest[len] != '\t' &&
	    w->rest[len] != '\0'))
		return false;
	(void)eg_config_word(&w->rest);
	return true;
}

static int
take_number(struct words *w, double least, double *out, const char *want)
{
	char *word = eg_config_word(&w->rest);

	if (word == NULL || eg_double_parse(word, least, 1e300, out) != EG_NUMBER_OK)
		return wrong(w, word, want);
	return 0;
}

static int
parse_for(struct words *w, int64_t *ns)
{
	static const char want[] = "a time of 1ms to 366d, as 90s, 2m, 1h or 7d";
	char *word = eg_config_word(&w->rest);
	int64_t ms = 0;

	if (word == NULL || eg_duration_parse(word, 1, YEAR_MS, &ms) != EG_NUMBER_OK)
		return wrong(w, word, want);
	*ns = ms * EG_NS_PER_MS;
	return 0;
}

static int
parse_limit(struct words *w, enum eg_watch_kind kind, struct eg_watch_line *line)
{
	bool over = kind == EG_WATCH_OVER, timed = false, ends = false;

	if (take_number(w, -1e300, &line->limit, "a number") != 0)
		return -1;
	line->until = line->limit;
	for (;;) {
		if (!timed && take_word(w, "for")) {
			if (parse_for(w, &line->ns) != 0)
				return -1;
			timed = true;
		} else if (!ends && take_word(w, "until")) {
			if (take_number(w, -1e300, &line->until, "a number") != 0)
				return -1;
			if (over ? line->until > line->limit : line->until < line->limit)
				return eg_config_wrong(w->c, w->e, "'until' is %s the limit",
				    over ? "above" : "below");
			ends = true;
		} else
			return 0;
	}
}

static int
parse_stuck(struct words *w, struct eg_watch_line *line)
{
	if (parse_for(w, &line->ns) != 0)
		return -1;
	/* The change limit is optional and starts with a digit; days start with a letter or '*'. */
	if (*w->rest < '0' || *w->rest > '9')
		return 0;
	return take_number(w, 0, &line->limit, "the largest change, 0 or more");
}

/* Reads `5000` (a limit per step), `60kW` (for a register in kWh) or `60000W` (in Wh). */
static int
parse_step(struct words *w, struct eg_watch_line *line)
{
	static const char want[] =
	    "a step as 500, or a power as 60kW (of a register in kWh) or 60000W (in Wh)";
	char *word = eg_config_word(&w->rest);
	size_t len = word != NULL ? strlen(word) : 0;
	bool power = len > 1 && word[len - 1] == 'W';
	double limit = 0;

	if (word == NULL)
		return wrong(w, word, want);
	if (power)
		word[len - (word[len - 2] == 'k' ? 2 : 1)] = '\0';
	if (eg_double_parse(word, 0, 1e300, &limit) != EG_NUMBER_OK || (power && limit <= 0))
		return wrong(w, word, want);
	if (power)
		line->per_hour = limit;
	else
		line->limit = limit;
	return 0;
}

static int
parse_unusual(struct words *w, struct eg_watch_line *line)
{
	static const char want[] = "weeks, 2w to 52w";
	char *word = eg_config_word(&w->rest);
	size_t len = word != NULL ? strlen(word) : 0;
	int64_t weeks;

	if (len < 2 || word[len - 1] != 'w')
		return wrong(w, word, want);
	word[len - 1] = '\0';
	if (eg_int_parse(word, 2, WEEKS_MAX, &weeks) != EG_NUMBER_OK)
		return wrong(w, word, want);
	line->weeks = (int)weeks;
	return take_number(w, 0.001, &line->limit, "how many times the usual deviation, as 6");
}

/* Reads days, each with optional hours. A day without hours means all 24 hours. */
static int
take_week(struct words *w, struct eg_watch_line *line)
{
	unsigned days = 0;
	char *word;

	if (*w->rest == '\0')
		return 0;
	line->week = calloc(1, sizeof(*line->week));
	if (line->week == NULL)
		return eg_fail(w->e, EG_BUG, "out of memory");
	while ((word = eg_config_word(&w->rest)) != NULL) {
		if (!eg_week_days(word, &days))
			return wrong(w, word,
			    "days, as mon-fri, sat,sun or *, with hours behind them, as 8-20");
		if (*w->rest < '0' || *w->rest > '9') {
			(void)eg_week_add(line->week, days, "0-24");
			continue;
		}
		word = eg_config_word(&w->rest);
		if (!eg_week_add(line->week, days, word))
			return wrong(w, word, "hours, as 8-20 or 7-8:30,19-24");
	}
	return 0;
}

int
eg_watch_condition(const struct eg_config *c, enum eg_watch_kind kind, struct eg_watch_line *line,
    char *rest, struct eg_error *e)
{
	struct words w = { c, rest, e };
	int rc = kind == EG_WATCH_SILENT ? parse_for(&w, &line->ns)
	    : kind == EG_WATCH_STUCK     ? parse_stuck(&w, line)
	    : kind == EG_WATCH_STEP      ? parse_step(&w, line)
	    : kind == EG_WATCH_UNUSUAL   ? parse_unusual(&w, line)
	                                 : parse_limit(&w, kind, line);

	return rc == 0 ? take_week(&w, line) : -1;
}
