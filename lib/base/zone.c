/* SPDX-License-Identifier: MIT */
/* A time zone of the tz database. Converts between local times and instants. */
#include "base/zone.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "base/diag.h"

#define HOUR 3600
#define DAY (24 * HOUR)
#define FIRST INT64_C(0)          /* 1970: earlier times have the offset of this time */
#define LAST INT64_C(4102444800)  /* 2100: later times have the offset of this time */

enum { STEP = 7 * DAY, CHANGES_MAX = 1024 };

/* A change of the offset: from `at` on, local time is offset seconds ahead of UTC. */
struct change {
	int64_t at;
	int offset;
};

struct eg_zone {
	size_t n;
	struct change change[CHANGES_MAX];
};

/* Whether it is a whole file of a time zone: from version 2 on its end is a line (RFC 8536). */
static bool
is_whole(FILE *f)
{
	char head[5];

	return fread(head, 1, sizeof(head), f) == sizeof(head) && memcmp(head, "TZif", 4) == 0 &&
	    (head[4] == '\0' || (fseek(f, -1, SEEK_END) == 0 && getc(f) == '\n'));
}

/* Whether the zone's file exists and is whole. libc treats any other as UTC, without an error. */
static bool
is_there(const char *name)
{
	const char *dir = getenv("TZDIR");
	char path[512];
	bool whole;
	FILE *f;
	int n;

	if (strcmp(name, "UTC") == 0)
		return true;
	if (*name == '\0' || *name == '/' || strstr(name, "..") != NULL)
		return false;
	n = snprintf(path, sizeof(path), "%s/%s", dir != NULL ? dir : "/usr/share/zoneinfo", name);
	if (n < 0 || (size_t)n >= sizeof(path) || (f = fopen(path, "re")) == NULL)
		return false;
	whole = is_whole(f);
	(void)fclose(f);
	return whole;
}

static int
ask_libc(int64_t t)
{
	time_t when = (time_t)t;
	struct tm tm;

	return localtime_r(&when, &tm) != NULL ? (int)tm.tm_gmtoff : 0;
}

/* Finds the change of the offset between low and high, whose offsets differ, and adds it. */
static void
find_change(struct eg_zone *z, int64_t low, int64_t high)
{
	int before = ask_libc(low);

	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (ask_libc(middle) == before)
			low = middle;
		else
			high = middle;
	}
	if (z->n < CHANGES_MAX)
		z->change[z->n++] = (struct change){ high, ask_libc(high) };
}

static void
read_changes(struct eg_zone *z)
{
	z->change[0] = (struct change){ INT64_MIN, ask_libc(FIRST) };
	z->n = 1;
	for (int64_t t = FIRST; t < LAST; t += STEP)
		while (z->change[z->n - 1].offset != ask_libc(t + STEP) && z->n < CHANGES_MAX)
			find_change(z, z->n > 1 && z->change[z->n - 1].at > t ? z->change[z->n - 1].at
			                                                     : t, t + STEP);
}

struct eg_zone *
eg_zone_open(const char *name, struct eg_error *e)
{
	const char *now = getenv("TZ");
	char *before = now != NULL ? strdup(now) : NULL;
	struct eg_zone *z = NULL;
	char q[EG_QUOTE_MAX];

	if (!is_there(name)) {
		eg_fail(e, EG_CONFIG, "no such time zone: %s", eg_quote(name, strlen(name), q));
	} else if ((now != NULL && before == NULL) || (z = calloc(1, sizeof(*z))) == NULL ||
	    setenv("TZ", name, 1) != 0) {
		free(z);
		z = NULL;
		eg_fail(e, EG_BUG, "out of memory");
	} else {
		tzset();
		read_changes(z);
		if (before == NULL)
			unsetenv("TZ");
		else
			setenv("TZ", before, 1);
		tzset();
	}
	free(before);
	return z;
}

void
eg_zone_free(struct eg_zone *z)
{
	free(z);
}

/* The index of the change in effect at instant t. */
static size_t
ruling(const struct eg_zone *z, int64_t t)
{
	size_t low = 0, high = z->n;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (z->change[middle].at <= t)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int
eg_zone_instants(const struct eg_zone *z, int64_t local, int64_t utc[2])
{
	int n = 0;

	/* No zone differs from UTC by more than 26 hours. */
	for (size_t i = ruling(z, local - 26 * HOUR); i < z->n && n < 2; i++) {
		int64_t t = local - z->change[i].offset;

		if (z->change[i].at > local + 26 * HOUR)
			break;
		if (t >= z->change[i].at && (i + 1 == z->n || t < z->change[i + 1].at))
			utc[n++] = t;
	}
	return n;
}

int
eg_zone_offset(const struct eg_zone *z, int64_t utc)
{
	return z->change[ruling(z, utc)].offset;
}

int64_t
eg_zone_begin(const struct eg_zone *z, int64_t local)
{
	for (size_t i = ruling(z, local - 26 * HOUR);; i++) {
		int64_t t = local - z->change[i].offset;

		if (i + 1 == z->n || t < z->change[i + 1].at)
			return t > z->change[i].at ? t : z->change[i].at;
	}
}

struct eg_local
eg_zone_local(const struct eg_zone *z, int64_t utc)
{
	int64_t local = utc + eg_zone_offset(z, utc);
	int64_t day = eg_floor_div(local, DAY);

	return (struct eg_local){
		.day = day,
		.date = eg_day_date(day),
		.weekday = eg_day_weekday(day),
		.second = (int)(local - day * DAY),
	};
}

void
eg_zone_seasons(const struct eg_zone *z, int64_t local, int *winter, int *summer)
{
	size_t i = ruling(z, local - 183 * DAY);

	*winter = *summer = z->change[i].offset;
	for (i++; i < z->n && z->change[i].at <= local + 183 * DAY; i++) {
		if (z->change[i].offset < *winter)
			*winter = z->change[i].offset;
		if (z->change[i].offset > *summer)
			*summer = z->change[i].offset;
	}
}
