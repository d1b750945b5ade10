/* SPDX-License-Identifier: MIT */
/* The days of a table: dates and holidays. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/number.h"
#include "tariff/table_parts.h"

enum { YEAR_MIN = 1678, YEAR_MAX = 2261, AFTER_MAX = 300, HOLIDAYS_MAX = 4096 };

/* Reads a number of one to `most` digits; moves *at to the text after it. */
static bool
digits(const char **at, int least, int most, int *n)
{
	int count = 0;

	for (*n = 0; **at >= '0' && **at <= '9' && count < most; count++)
		*n = *n * 10 + (*(*at)++ - '0');
	return count >= least;
}

/* Reads MM-DD or M-D, which must not be followed by other text. */
static bool
month_and_day(const char *s, int *month, int *day)
{
	return digits(&s, 1, 2, month) && *s++ == '-' && digits(&s, 1, 2, day) && *s == '\0' &&
	    *month >= 1 && *month <= 12 && *day >= 1;
}

bool
eg_table_date(const char *text, int64_t *day)
{
	int y, m, d;

	if (!digits(&text, 4, 4, &y) || *text++ != '-' || !month_and_day(text, &m, &d) ||
	    y < YEAR_MIN || y > YEAR_MAX || d > eg_month_days(y, m))
		return false;
	*day = eg_day_number(y, m, d);
	return true;
}

static bool
read_holiday(const char *word, struct eg_holiday *h)
{
	static const char easter[] = "easter";
	int64_t day, after = 0;

	*h = (struct eg_holiday){ .easter = strncmp(word, easter, sizeof(easter) - 1) == 0 };
	if (h->easter) {
		word += sizeof(easter) - 1;
		if (*word != '\0' && ((*word != '+' && *word != '-') ||
		    eg_int_parse(word, -AFTER_MAX, AFTER_MAX, &after) != EG_NUMBER_OK))
			return false;
		h->after = (int)after;
		return true;
	}
	if (eg_table_date(word, &day)) {
		struct eg_date d = eg_day_date(day);

		*h = (struct eg_holiday){ .year = d.year, .month = d.month, .day = d.day };
		return true;
	}
	return month_and_day(word, &h->month, &h->day) && h->day <= eg_month_days(2000, h->month);
}

int
eg_table_holidays(struct eg_table_reader *r, char *rest, struct eg_error *e)
{
	struct eg_table *t = r->t;
	char q[EG_QUOTE_MAX], *word = eg_table_word(&rest);

	if (word == NULL)
		return eg_config_wrong(&r->file, e,
		    "holiday: want dates, as 2024-12-25, 12-25 or easter+1");
	for (; word != NULL; word = eg_table_word(&rest)) {
		struct eg_holiday h;

		if (!read_holiday(word, &h))
			return eg_config_wrong(&r->file, e,
			    "holiday %s: want a date, as 2024-12-25, 12-25 or easter+1",
			    eg_quote(word, strlen(word), q));
		if (t->holidays == HOLIDAYS_MAX)
			return eg_config_wrong(&r->file, e, "more than %d holidays", HOLIDAYS_MAX);
		if (!eg_buf_grow(&t->holiday, &t->holiday_room, t->holidays + 1, sizeof(h)))
			return eg_fail(e, EG_BUG, "out of memory");
		t->holiday[t->holidays++] = h;
	}
	return 0;
}

int
eg_table_day(const struct eg_table *t, int64_t day)
{
	struct eg_date d = eg_day_date(day);
	int64_t easter = eg_day_easter(d.year);

	for (size_t i = 0; i < t->holidays; i++) {
		const struct eg_holiday *h = &t->holiday[i];

		if (h->easter ? day == easter + h->after
		              : h->month == d.month && h->day == d.day &&
		              (h->year == 0 || h->year == d.year))
			return EG_DAY_HOLIDAY;
	}
	return eg_day_weekday(day);
}
