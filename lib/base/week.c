/* SPDX-License-Identifier: MIT */
/* Hours of the week as text. */
#include "base/week.h"

#include <stddef.h>
#include <string.h>

#include "base/number.h"

/* The day whose name is the len bytes at s; -1: none. */
static int
day_of(const char *s, size_t len)
{
	static const char names[] = "montuewedthufrisatsun";

	for (int i = 0; i < 7 && len == 3; i++)
		if (memcmp(names + 3 * i, s, 3) == 0)
			return i;
	return -1;
}

bool
eg_week_days(const char *word, unsigned *days)
{
	*days = 0x7f;
	if (strcmp(word, "*") == 0)
		return true;
	*days = 0;
	for (;; word++) {
		size_t len = strcspn(word, ",");
		const char *dash = memchr(word, '-', len);
		size_t first = dash != NULL ? (size_t)(dash - word) : len;
		int day = day_of(word, first);
		int last = dash != NULL ? day_of(dash + 1, len - first - 1) : day;

		if (day < 0 || last < 0)
			return false;
		for (*days |= 1u << last; day != last; day = (day + 1) % 7)
			*days |= 1u << day;
		word += len;
		if (*word == '\0')
			return true;
	}
}

bool
eg_week_time(const char **at, int *minutes)
{
	const char *p = *at;
	int hour = 0, minute = 0;

	if (!eg_is_digit(*p))
		return false;
	for (int i = 0; i < 2 && eg_is_digit(*p); i++)
		hour = hour * 10 + (*p++ - '0');
	if (*p == ':') {
		if (!eg_is_digit(p[1]) || !eg_is_digit(p[2]))
			return false;
		minute = (p[1] - '0') * 10 + (p[2] - '0');
		p += 3;
	}
	*at = p;
	*minutes = hour * 60 + minute;
	return minute < 60 && *minutes <= EG_WEEK_DAY;
}

static void
set_minutes(struct eg_week *w, unsigned days, int from, int to)
{
	for (int day = 0; day < 7; day++)
		for (int m = from; (days >> day & 1) != 0 && m < to; m++) {
			int at = day * EG_WEEK_DAY + m;

			w->bits[at / 8] |= (uint8_t)(1u << at % 8);
		}
}

bool
eg_week_add(struct eg_week *w, unsigned days, const char *word)
{
	for (;; word++) {
		int from, to;

		if (!eg_week_time(&word, &from) || *word++ != '-' || !eg_week_time(&word, &to) ||
		    from == to)
			return false;
		if (from > to) {
			set_minutes(w, days, from, EG_WEEK_DAY);
			from = 0;
		}
		set_minutes(w, days, from, to);
		if (*word != ',')
			return *word == '\0';
	}
}

int
eg_week_wait(const struct eg_week *w, int minute)
{
	for (int i = 0; i < EG_WEEK_MINUTES; i++)
		if (eg_week_has(w, (minute + i) % EG_WEEK_MINUTES))
			return i;
	return -1;
}
