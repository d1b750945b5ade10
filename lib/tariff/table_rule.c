/* SPDX-License-Identifier: MIT */
/* The rules of a table: days and hours of a band. */
#include <string.h>

#include "base/diag.h"
#include "base/number.h"
#include "base/week.h"
#include "tariff/table_parts.h"

enum { ALL_DAYS = (1 << EG_DAY_KINDS) - 1 };

/* The kind of day named by the len bytes at s; -1: none. */
static int
day_kind(const char *s, size_t len)
{
	static const char *const names[EG_DAY_KINDS] = { "mon", "tue", "wed", "thu", "fri", "sat",
		"sun", "holiday" };

	for (int i = 0; i < EG_DAY_KINDS; i++)
		if (strlen(names[i]) == len && memcmp(names[i], s, len) == 0)
			return i;
	return -1;
}

/* The days of `mon`, `mon-fri`, `sat-mon` or `holiday` as bits; 0: none. */
static unsigned
day_range(const char *s, size_t len)
{
	const char *dash = memchr(s, '-', len);
	int from = day_kind(s, dash != NULL ? (size_t)(dash - s) : len), to = from;
	unsigned days = 0;

	if (dash != NULL)
		to = day_kind(dash + 1, len - (size_t)(dash + 1 - s));
	if (from < 0 || to < 0 || (dash != NULL && (from == EG_DAY_HOLIDAY || to == EG_DAY_HOLIDAY)))
		return 0;
	for (int day = from;; day = (day + 1) % 7) {
		days |= 1u << day;
		if (day == to)
			return days;
	}
}

/* The days of a word such as `mon-fri,holiday` or `*` as bits; 0: the word is wrong. */
static unsigned
read_days(const char *word)
{
	unsigned days = 0, more;

	if (strcmp(word, "*") == 0)
		return ALL_DAYS;
	for (;; word++) {
		size_t len = strcspn(word, ",");

		if ((more = day_range(word, len)) == 0)
			return 0;
		days |= more;
		word += len;
		if (*word == '\0')
			return days;
	}
}

/* Assigns the minutes from..to of the days to the band, except those that an earlier rule has. */
static void
set_hours(struct eg_terms *terms, unsigned days, int from, int to, int band)
{
	for (int day = 0; day < EG_DAY_KINDS; day++)
		for (int m = from; (days >> day & 1) != 0 && m < to; m++)
			if (terms->band[day][m] == EG_BAND_NONE)
				terms->band[day][m] = (uint8_t)band;
}

/* Reads hours such as `7-8,19-23`; 23-7 means 0-7 and 23-24 of the same days. */
static bool
take_hours(struct eg_terms *terms, unsigned days, const char *word, int band)
{
	for (;; word++) {
		int from, to;

		if (!eg_week_time(&word, &from) || *word++ != '-' || !eg_week_time(&word, &to) ||
		    from == to)
			return false;
		if (from > to) {
			set_hours(terms, days, from, EG_DAY_MINUTES, band);
			from = 0;
		}
		set_hours(terms, days, from, to, band);
		if (*word != ',')
			return *word == '\0';
	}
}

int
eg_table_rule(struct eg_table_reader *r, int band, char *rest, struct eg_error *e)
{
	unsigned days = 0;
	bool hours = true; /* hours were given for the days */
	char q[EG_QUOTE_MAX], *word;

	if (!r->rules)
		memset(r->terms->band, EG_BAND_NONE, sizeof(r->terms->band));
	r->rules = r->any_rules = r->ruled[band] = true;
	while ((word = eg_table_word(&rest)) != NULL) {
		if (eg_is_digit(*word)) {
			if (days == 0 || !take_hours(r->terms, days, word, band))
				return eg_config_wrong(&r->file, e,
				    "%s: want hours behind days, as 8-19 or 7-8,19:30-23",
				    eg_quote(word, strlen(word), q));
			hours = true;
			continue;
		}
		if (!hours)
			set_hours(r->terms, days, 0, EG_DAY_MINUTES, band);
		if ((days = read_days(word)) == 0)
			return eg_config_wrong(&r->file, e, "%s: want days, as mon-fri, sat,sun, holiday or *",
			    eg_quote(word, strlen(word), q));
		hours = false;
	}
	if (days == 0)
		return eg_config_wrong(&r->file, e,
		    "a rule has days behind its band, as mon-fri 8-19, or *");
	if (!hours)
		set_hours(r->terms, days, 0, EG_DAY_MINUTES, band);
	return 0;
}
