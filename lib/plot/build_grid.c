/* SPDX-License-Identifier: MIT */
/* Maps in colours: hours by days, and days by months. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/calendar.h"
#include "base/clock.h"
#include "base/diag.h"
#include "plot/build_parts.h"

/* Limits for text: up to DAYS_MAX days, a row is a day; up to WEEKS_MAX weeks, a week; then four
 * weeks. */
enum { DAYS_MAX = 62, WEEKS_MAX = 106 };

/* Combines the cells of each number over all sensors: the sum if the unit allows it, else the
 * mean. cells: `n` totals, from the number `first` on. */
static int
total_cells(const struct eg_build *b, int64_t (*number)(const struct eg_build *b, int64_t key),
    int64_t first, double *value, size_t n, struct eg_error *e)
{
	uint32_t *count = calloc(n, sizeof(*count));

	if (count == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (size_t i = 0; i < b->c->list.n; i++) {
		const struct eg_series *s = &b->c->list.at[i];

		for (size_t k = 0; s->drawn && k < s->cells.used; k++) {
			size_t at = (size_t)(number(b, s->cells.cell[k].key) - first);

			eg_build_add(&value[at], eg_build_value(&s->cells.cell[k], b->fold));
			count[at]++;
		}
	}
	for (size_t i = 0; b->sort == EG_UNIT_LEVEL && i < n; i++)
		value[i] /= count[i] > 0 ? count[i] : 1;
	free(count);
	return 0;
}

/* Multiplies the values by a factor, and finds their range. */
static void
scale_grid(const struct eg_build *b, struct eg_figure *f, const char *span)
{
	double factor;

	f->least = INFINITY;
	f->most = -INFINITY;
	for (size_t i = 0; i < f->rows * f->columns; i++) {
		f->least = fmin(f->least, f->value[i]);
		f->most = fmax(f->most, f->value[i]);
	}
	factor = eg_build_unit(b, f, fmax(fabs(f->least), fabs(f->most)), span);
	for (size_t i = 0; i < f->rows * f->columns; i++)
		f->value[i] *= factor;
	f->least *= factor;
	f->most *= factor;
}

static int64_t
day_of_slot(const struct eg_build *b, int64_t key)
{
	return eg_zone_local(eg_slots_zone(b->c->slots), eg_floor_div(key, EG_NS_PER_S)).day;
}

static int64_t
itself(const struct eg_build *b, int64_t key)
{
	(void)b;
	return key;
}

static int
build_calendar(const struct eg_build *b, struct eg_figure *f, struct eg_error *e)
{
	struct eg_date first = eg_day_date(day_of_slot(b, eg_slots_at(b->c->slots, b->c->first).from));
	int64_t from = eg_day_number(first.year, first.month, 1);
	struct eg_date last = eg_day_date(day_of_slot(b, eg_slots_at(b->c->slots, b->c->last).from));
	int64_t days = eg_day_number(last.year, last.month + 1, 1) - from;
	double *value = calloc((size_t)days, sizeof(*value));
	int rc = -1;

	if (value == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (int64_t i = 0; i < days; i++)
		value[i] = NAN;
	f->rows = (size_t)((last.year - first.year) * 12 + last.month - first.month + 1);
	f->columns = 31;
	if (total_cells(b, day_of_slot, from, value, (size_t)days, e) == 0 &&
	    eg_build_table(f, e) == 0) {
		for (int64_t i = 0; i < days; i++) {
			struct eg_date d = eg_day_date(from + i);
			size_t row = (size_t)((d.year - first.year) * 12 + d.month - first.month);

			f->value[row * 31 + (size_t)d.day - 1] = value[i];
			(void)snprintf(f->label[row], EG_LABEL_SIZE, "%s %d", eg_month_name(d.month), d.year);
		}
		rc = 0;
	}
	free(value);
	if (rc != 0)
		return -1;
	scale_grid(b, f, "day");
	for (int day = 1; day <= 31; day++) {
		struct eg_tick *t = &f->x.tick[f->x.ticks];

		*t = (struct eg_tick){ .at = day - 1 };
		(void)snprintf(t->label, sizeof(t->label), "%d", day);
		f->x.ticks += !b->text || day == 1 || day % 5 == 0;
	}
	(void)snprintf(f->by, sizeof(f->by), "day of the month, %.100s", b->o->zone);
	return 0;
}

/* The hours of all days, as rows (text) or columns. A row or column is one day, or the mean of
 * several. */
struct hours {
	int64_t first, days, group; /* number of the first day; number of days; days per row or
				     * column */
	double *value;              /* value[day * 24 + hour] */
};

static void
choose_group(const struct eg_build *b, struct hours *h)
{
	h->group = 1;
	if (!b->text)
		h->group = h->days / (b->o->width > 300 ? b->o->width - 200 : 100) + 1;
	else if (h->days > WEEKS_MAX * 7)
		h->group = 28;
	else if (h->days > DAYS_MAX)
		h->group = 7;
	if (h->group % 7 == 0) { /* weeks begin on Monday */
		int64_t monday = h->first - eg_day_weekday(h->first);

		h->days += h->first - monday;
		h->first = monday;
	}
}

/* The mean of one hour of the day over the days of a group. */
static double
group_hour(const struct hours *h, int64_t group, int hour)
{
	double sum = 0;
	int n = 0;

	for (int64_t day = group * h->group; day < (group + 1) * h->group && day < h->days; day++)
		if (!isnan(h->value[day * 24 + hour])) {
			sum += h->value[day * 24 + hour];
			n++;
		}
	return n > 0 ? sum / n : NAN;
}

static void
fill_heat(const struct eg_build *b, struct eg_figure *f, const struct hours *h)
{
	int64_t groups = (h->days + h->group - 1) / h->group;

	for (int64_t g = 0; g < groups; g++)
		for (int hour = 0; hour < 24; hour++) {
			/* In a picture, hours increase from the bottom upwards. */
			size_t row = b->text ? (size_t)g : (size_t)(23 - hour);
			size_t column = b->text ? (size_t)hour : (size_t)g;

			f->value[row * f->columns + column] = group_hour(h, g, hour);
		}
	for (int64_t g = 0; b->text && g < groups; g++) {
		struct eg_date d = eg_day_date(h->first + g * h->group);

		(void)snprintf(f->label[g], EG_LABEL_SIZE, "%04d-%02d-%02d", d.year, d.month, d.day);
	}
	for (int hour = 0; !b->text && hour < 24; hour += 3)
		(void)snprintf(f->label[23 - hour], EG_LABEL_SIZE, "%02d:00", hour);
}

/* Converts days to nanoseconds; in 64 bits, days are from -106751 to 106751. */
static int64_t
midnight(int64_t day)
{
	const int64_t most = 106751;

	return (day < -most ? -most : day > most ? most : day) * 86400 * EG_NS_PER_S;
}

/* Text: hours. A picture: days, Mondays or months, computed from the dates as if the zone were
 * UTC. */
static int
set_heat_axis(const struct eg_build *b, struct eg_figure *f, const struct hours *h,
    struct eg_error *e)
{
	struct eg_time_axis t = { .from = midnight(h->first), .least_s = 86400,
		.to = midnight(h->first + h->days - 1), .most = (size_t)b->o->width / 75 + 2 };
	struct eg_zone *utc = NULL;

	for (int hour = 0; b->text && hour < 24; hour += 3) {
		struct eg_tick *tick = &f->x.tick[f->x.ticks++];

		*tick = (struct eg_tick){ .at = hour };
		(void)snprintf(tick->label, sizeof(tick->label), "%02d", hour);
	}
	if (!b->text && (utc = eg_zone_open("UTC", e)) == NULL)
		return -1;
	if (utc != NULL) {
		t.zone = utc;
		eg_ticks_time(&f->x, &t);
		for (size_t i = 0; i < f->x.ticks; i++)
			f->x.tick[i].at = f->x.tick[i].at / 86400 / (double)h->group;
		eg_zone_free(utc);
	}
	return 0;
}

static int
build_heat(const struct eg_build *b, struct eg_figure *f, struct hours *h, struct eg_error *e)
{
	static const char *const group[] = { "days", "weeks, their mean", "four weeks, their mean" };
	size_t n = (size_t)h->days * 24, groups;

	h->value = calloc(n, sizeof(*h->value));
	if (h->value == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (size_t i = 0; i < n; i++)
		h->value[i] = NAN;
	groups = (size_t)((h->days + h->group - 1) / h->group);
	f->rows = b->text ? groups : 24;
	f->columns = b->text ? 24 : groups;
	if (total_cells(b, itself, h->first * 24, h->value, n, e) != 0 || eg_build_table(f, e) != 0)
		return -1;
	fill_heat(b, f, h);
	scale_grid(b, f, "hour");
	if (b->text)
		(void)snprintf(f->by, sizeof(f->by), "hours by %s, %.70s",
		    group[h->group == 1 ? 0 : h->group == 7 ? 1 : 2], b->o->zone);
	else
		(void)snprintf(f->by, sizeof(f->by), "day, %.100s", b->o->zone);
	return set_heat_axis(b, f, h, e);
}

int
eg_build_grid(const struct eg_build *b, struct eg_figure *f, struct eg_error *e)
{
	const struct eg_zone *zone = eg_slots_zone(b->c->slots);
	struct hours h;
	int rc;

	f->type = EG_FIGURE_GRID;
	if (b->o->kind == EG_PLOT_CALENDAR)
		return build_calendar(b, f, e);
	h = (struct hours){ .first = eg_zone_local(zone, eg_floor_div(b->c->first, EG_NS_PER_S)).day };
	h.days = eg_zone_local(zone, eg_floor_div(b->c->last, EG_NS_PER_S)).day - h.first + 1;
	choose_group(b, &h);
	rc = build_heat(b, f, &h, e);
	free(h.value);
	return rc;
}
