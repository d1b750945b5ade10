/* SPDX-License-Identifier: MIT */
/* The work of eg-tariff: converts slots of energy to money. */
#include "tariff/tariff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/fixed.h"
#include "record/filter.h"
#include "tariff/cost.h"
#include "tariff/sensors.h"

static const char too_long[] = "the name of what comes out is longer than 255 bytes";

struct tariff {
	const struct eg_tariff_options *o;
	struct eg_table *table;
	struct eg_slots *slots;          /* slots of the input */
	struct eg_slots *fee[EG_FEES];   /* days, months, years; NULL: the table has no such fee */
	struct eg_slots *round;          /* slots of the output; NULL: those of the input */
	struct eg_prices prices;
	bool price_sensor;               /* the input contains the prices */
	struct eg_cost cost;
	struct eg_tariff_sensors sensors;
	uint64_t taken;
};

/* Writes money as a record of the sensor. */
static int
put_money(struct tariff *t, struct eg_filter *f, const char *form, const char *sensor, size_t len,
    int64_t ns, struct eg_wide money, bool rounded, struct eg_error *e)
{
	char name[EG_TARIFF_NAME_SIZE], value[EG_FIXED_SIZE];
	size_t n = eg_tariff_name(form, sensor, len, name), size;

	size = eg_fixed_put(rounded ? eg_cost_round(t->table, money) : money, eg_cost_unit(),
	    rounded ? EG_FIXED_DIGITS : t->o->digits, false, value);
	return eg_filter_put(f, name, n, ns, value, size, e);
}

/* Writes the fees of the day, month and year that contain the slot, once for each. */
static int
put_fees(struct tariff *t, struct eg_filter *f, struct eg_tariff_sensor *s,
    const struct eg_record *r, struct eg_error *e)
{
	static const char *const form[EG_FEES] = { "%_fee_day", "%_fee_month", "%_fee_year" };

	for (int i = 0; i < EG_FEES; i++) {
		const struct eg_terms *terms;
		int64_t from;

		if (t->fee[i] == NULL || (from = eg_slots_at(t->fee[i], r->ns).from) == s->fee[i])
			continue;
		s->fee[i] = from;
		terms = eg_table_terms(t->table, eg_zone_local(t->cost.zone, from / EG_NS_PER_S).day);
		terms = terms != NULL ? terms : &t->table->terms[0];
		if (terms->charges[i] &&
		    put_money(t, f, form[i], r->line, r->sensor_len, from,
		    eg_cost_fee(terms, (enum eg_fee)i), false, e) != 0)
			return -1;
	}
	return 0;
}

/* Writes the sum of a day, month or year that has ended. */
static int
put_month(struct tariff *t, struct eg_filter *f, struct eg_tariff_sensor *s, const char *name,
    size_t len, struct eg_error *e)
{
	if (!s->pending)
		return 0;
	s->pending = false;
	return put_money(t, f, eg_tariff_cost_form(t->o), name, len, s->span.from, s->sum, true, e);
}

/* Adds money to the sum of its day, month or year. */
static int
add_up(struct tariff *t, struct eg_filter *f, struct eg_tariff_sensor *s, const struct eg_record *r,
    struct eg_wide money, struct eg_error *e)
{
	if (s->pending && r->ns < s->span.from)
		return eg_filter_refuse(f, r, "it is older than the sum that the slots before it are in",
		    e);
	/* It may be in the sum already. */
	if (s->pending && r->ns < s->last_ns)
		return eg_filter_refuse(f, r, "it is older than the slot before it, and sums need their order",
		    e);
	if (s->pending && r->ns >= s->span.to && put_month(t, f, s, r->line, r->sensor_len, e) != 0)
		return -1;
	if (!s->pending) {
		s->span = eg_slots_at(t->round, r->ns);
		s->sum = eg_wide_of(0);
		s->pending = true;
	} else if (r->ns == s->last_ns) {
		eg_wide_subtract(&s->sum, s->last);
	}
	s->last = money;
	s->last_ns = r->ns;
	return eg_wide_add(&s->sum, money) ? 0 : eg_filter_refuse(f, r, "the sum is too large", e);
}

/* Writes the slot's energy under the name of its band. */
static int
put_band(struct tariff *t, struct eg_filter *f, const struct eg_record *r, struct eg_span span,
    struct eg_error *e)
{
	char name[EG_TARIFF_NAME_SIZE];
	const struct eg_terms *terms;
	int band;
	const char *why = eg_cost_band(&t->cost, span, &terms, &band);
	size_t len;

	if (why != NULL)
		return eg_filter_refuse(f, r, why, e);
	len = eg_tariff_band_name(t->table, (size_t)band, r->line, r->sensor_len, name);
	if (len == 0)
		return eg_filter_refuse(f, r, too_long, e);
	return eg_filter_put(f, name, len, r->ns, r->line + r->value_at, r->len - (size_t)r->value_at,
	    e);
}

static int
put_cost(struct tariff *t, struct eg_filter *f, struct eg_tariff_sensor *s,
    const struct eg_record *r, struct eg_span span, struct eg_error *e)
{
	struct eg_wide energy, money;
	const char *why;

	if (eg_fixed_parse(r->line + r->value_at, r->len - (size_t)r->value_at,
	    &energy) != EG_NUMBER_OK)
		return eg_filter_refuse(f, r, "the value is above 10^12", e);
	if ((why = eg_cost_of(&t->cost, span, energy, &money)) != NULL)
		return eg_filter_refuse(f, r, why, e);
	if (!s->fits)
		return eg_filter_refuse(f, r, too_long, e);
	if (put_fees(t, f, s, r, e) != 0)
		return -1;
	if (t->round != NULL)
		return add_up(t, f, s, r, money, e);
	return put_money(t, f, eg_tariff_cost_form(t->o), r->line, r->sensor_len, r->ns, money,
	    t->table->round != NULL, e);
}

static int
keep_price(struct tariff *t, struct eg_filter *f, const struct eg_record *r, struct eg_error *e)
{
	const char *why = eg_prices_add(&t->prices, r, e);

	if (e->status != EG_OK)
		return -1;
	return why != NULL ? eg_filter_refuse(f, r, why, e) : 0;
}

static int
take(void *ctx, struct eg_filter *f, const struct eg_record *r, struct eg_error *e)
{
	struct tariff *t = ctx;
	struct eg_span span;
	struct eg_tariff_sensor *s;

	if (t->price_sensor && strlen(t->o->price) == r->sensor_len &&
	    memcmp(t->o->price, r->line, r->sensor_len) == 0)
		return keep_price(t, f, r, e);
	if ((s = eg_tariff_sensor_of(&t->sensors, r)) == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (!s->chosen)
		return 0;
	t->taken++;
	if (s->twin)
		return eg_filter_refuse(f, r, "what comes out would have the name of another sensor's", e);
	span = eg_slots_at(t->slots, r->ns);
	if (span.from != r->ns)
		return eg_filter_refuse(f, r, "no slot of --every begins then in the table's zone", e);
	if (t->o->bands)
		return put_band(t, f, r, span, e);
	return put_cost(t, f, s, r, span, e);
}

static int
end(void *ctx, struct eg_filter *f, struct eg_error *e)
{
	struct tariff *t = ctx;

	for (uint32_t i = 0; i < t->sensors.names.n; i++) {
		size_t len;
		const char *name = eg_names_text(&t->sensors.names, i, &len);

		if (put_month(t, f, &t->sensors.sensor[i], name, len, e) != 0)
			return -1;
	}
	if (t->taken == 0 && t->sensors.names.n > 0)
		eg_warn("none of %u sensors was taken: %s", (unsigned)t->sensors.names.n,
		    t->o->patterns > 0 ? "no pattern matches"
		    : t->o->credit     ? "none is *_export_kwh; name them"
		                       : "none is *_kwh; name them");
	if (t->price_sensor && t->prices.n == 0)
		eg_warn("--price: '%s' is no file, and no record of such a sensor came", t->o->price);
	return 0;
}

/* Opens the slots of the input, of fees and of sums. */
static int
open_slots(struct tariff *t, struct eg_error *e)
{
	static const char *const every[EG_FEES] = { "1d", "1mo", "1y" };
	const char *round = t->table->round;
	struct eg_slots_options o = { .every = t->o->every,
		.zone = *t->table->zone != '\0' ? t->table->zone : "UTC" };

	if ((t->slots = eg_slots_open(&o, e)) == NULL)
		return -1;
	for (size_t i = 0; i < t->table->n && !t->o->credit && t->o->name == NULL; i++) {
		for (int k = 0; k < EG_FEES; k++) {
			o.every = every[k];
			if (t->fee[k] == NULL && t->table->terms[i].charges[k] &&
			    (t->fee[k] = eg_slots_open(&o, e)) == NULL)
				return -1;
		}
	}
	o.every = round;
	if (round != NULL && strcmp(round, "slot") != 0 && (t->round = eg_slots_open(&o, e)) == NULL)
		return -1;
	t->cost = EG_COST_INIT(t->table, eg_slots_zone(t->slots));
	t->cost.prices = &t->prices;
	t->cost.stale = t->o->stale;
	return 0;
}

static int
open_prices(struct tariff *t, struct eg_error *e)
{
	const char *price = t->o->price;
	struct stat st;

	t->prices = EG_PRICES_INIT;
	if (t->o->bands)
		return 0;
	if (price == NULL && t->table->dynamic)
		return eg_fail(e, EG_USAGE, "'%s' has a dynamic price: --price must name its file or sensor",
		    t->o->table);
	if (price == NULL)
		return 0;
	if (!t->table->dynamic)
		return eg_fail(e, EG_USAGE, "--price: '%s' has no dynamic price, as in 'price F1 dynamic'",
		    t->o->table);
	/* Any other failure is that of a file that is there, but cannot be read. */
	t->price_sensor = stat(price, &st) != 0 && (errno == ENOENT || errno == ENOTDIR ||
	    errno == ENAMETOOLONG);
	return t->price_sensor ? 0 : eg_prices_read(&t->prices, price, e);
}

static void
close_all(struct tariff *t)
{
	for (int i = 0; i < EG_FEES; i++)
		eg_slots_free(t->fee[i]);
	eg_slots_free(t->round);
	eg_slots_free(t->slots);
	eg_prices_free(&t->prices);
	eg_tariff_sensors_close(&t->sensors);
	eg_table_free(t->table);
}

int
eg_tariff_run(const struct eg_tariff_options *o, const struct eg_common *common, struct eg_error *e)
{
	struct tariff t = { .o = o, .table = eg_table_read(o->table, e) };
	struct eg_filter_work w = { .take = take, .end = end, .ctx = &t };
	int rc = -1;

	if (t.table != NULL && eg_tariff_sensors_open(&t.sensors, o, t.table, e) == 0 &&
	    open_slots(&t, e) == 0 && open_prices(&t, e) == 0)
		rc = eg_filter_run(&w, common, e);
	close_all(&t);
	return rc;
}
