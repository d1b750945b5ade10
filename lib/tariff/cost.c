/* SPDX-License-Identifier: MIT */
/* What a slot's energy costs by a table. */
#include "tariff/cost.h"

#include "base/clock.h"
#include "base/fixed.h"

#define MINUTE (60 * EG_NS_PER_S)

static const int64_t amount_scale = 1000;                    /* 10^-9 to 10^-12 */
static const int64_t fee_scale = INT64_C(1000000000000);     /* 10^-13 with VAT to 10^-25 */
static const int64_t step_scale = INT64_C(10000000000000000); /* 10^-9 to 10^-25 */

static struct eg_wide
times(struct eg_wide a, int64_t b)
{
	struct eg_wide product = { 0 };

	(void)eg_wide_multiply(a, eg_wide_of(b), &product);
	return product;
}

struct eg_wide
eg_cost_unit(void)
{
	return times(eg_wide_of(EG_FIXED_ONE), step_scale);
}

static int64_t
seconds_of(int64_t ns)
{
	return ns / EG_NS_PER_S - (ns % EG_NS_PER_S < 0);
}

/* The terms and the band at an instant. */
static const char *
band_at(struct eg_cost *c, int64_t ns, const struct eg_terms **terms, int *band)
{
	struct eg_local now = eg_zone_local(c->zone, seconds_of(ns));

	if (now.day != c->day) {
		c->day = now.day;
		c->row = eg_table_day(c->table, now.day);
	}
	*terms = eg_table_terms(c->table, now.day);
	if (*terms == NULL)
		return "the table begins later";
	*band = (*terms)->band[c->row][now.second / 60];
	return *band == EG_BAND_NONE ? "no rule of the table covers it" : NULL;
}

/* Whether the slot is within a day whose clocks do not change in it, and in one band. */
static bool
is_plain(const struct eg_cost *c, struct eg_span span, const struct eg_terms *terms, int band)
{
	struct eg_local from = eg_zone_local(c->zone, seconds_of(span.from));
	struct eg_local to = eg_zone_local(c->zone, seconds_of(span.to - 1));

	if (to.day != from.day || to.second - from.second != seconds_of(span.to - 1) - seconds_of(span.from))
		return false;
	for (int m = from.second / 60; m <= to.second / 60; m++)
		if (terms->band[c->row][m] != band)
			return false;
	return true;
}

const char *
eg_cost_band(struct eg_cost *c, struct eg_span span, const struct eg_terms **terms, int *band)
{
	const char *why = band_at(c, span.from, terms, band);

	if (why == NULL && is_plain(c, span, *terms, *band))
		return NULL;
	for (int64_t at = span.from; why == NULL && span.to - at > MINUTE;) {
		const struct eg_terms *next;
		int other;

		at += MINUTE;
		why = band_at(c, at, &next, &other);
		if (why == NULL && (next != *terms || other != *band))
			why = "the band or the price changes within the slot: use shorter slots";
	}
	return why;
}

const char *
eg_cost_of(struct eg_cost *c, struct eg_span span, struct eg_wide kwh, struct eg_wide *money)
{
	const struct eg_terms *terms;
	int band;
	const char *why = eg_cost_band(c, span, &terms, &band);
	const struct eg_price *p;
	struct eg_wide price, vat;
	int64_t record = 0;

	if (why != NULL)
		return why;
	p = &terms->price[band];
	if (!p->given)
		return "the table has no price for its band";
	if (p->dynamic && (why = eg_prices_find(c->prices, span, c->stale, &record)) != NULL)
		return why;
	price = times(p->amount, amount_scale);
	vat = eg_wide_of(terms->vat);
	if (!eg_wide_add(&price, times(eg_wide_of(record), p->dynamic ? p->factor : 0)) ||
	    !eg_wide_multiply(kwh, price, money) || !eg_wide_multiply(*money, vat, money))
		return "the cost is too large";
	return NULL;
}

struct eg_wide
eg_cost_fee(const struct eg_terms *terms, enum eg_fee fee)
{
	return times(times(terms->fee[fee], terms->vat), fee_scale);
}

struct eg_wide
eg_cost_round(const struct eg_table *t, struct eg_wide money)
{
	struct eg_wide step = times(t->step, step_scale), rest, twice;
	struct eg_wide count = eg_wide_divide(money, step, &rest);
	int sign = eg_wide_sign(rest);

	twice = sign < 0 ? eg_wide_negative(rest) : rest;
	if (sign != 0 && eg_wide_add(&twice, twice) && eg_wide_compare(twice, step) >= 0)
		eg_wide_add(&count, eg_wide_of(sign));
	(void)eg_wide_multiply(count, step, &money);
	return money;
}
