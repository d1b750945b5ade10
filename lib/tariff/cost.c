/* SPDX-License-Identifier: MIT */
/* Computes the cost of a slot's energy from a table. */
#include "tariff/cost.h"

#include "base/clock.h"
#include "base/fixed.h"

#define MINUTE (60 * EG_NS_PER_S)
#define DAY INT64_C(86400)

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
	return (struct eg_wide){ .lo = 0x161401484a000000, .hi = 0x84595 }; /* 10^25 */
}

static int64_t
seconds_of(int64_t ns)
{
	return ns / EG_NS_PER_S - (ns % EG_NS_PER_S < 0);
}

static const char later[] = "the table begins later";
static const char uncovered[] = "no rule of the table covers it";
static const char changes[] = "the band or the price changes within the slot: use shorter slots";

/* The terms and the band at an instant. */
static const char *
band_at(struct eg_cost *c, int64_t ns, const struct eg_terms **terms, int *band)
{
	struct eg_local now = eg_zone_local(c->zone, seconds_of(ns));

	if (now.day != c->day) {
		c->day = now.day;
		c->row = eg_table_day(c->table, now.day);
		c->terms = eg_table_terms(c->table, now.day);
	}
	*terms = c->terms;
	if (*terms == NULL)
		return later;
	*band = (*terms)->band[c->row][now.second / 60];
	return *band == EG_BAND_NONE ? uncovered : NULL;
}

/* Checks each minute of a slot, for a slot with a clock change or longer than a day. It leaves
 * another day in *c, so that no day is plain afterwards. */
static const char *
walk_bands(struct eg_cost *c, struct eg_span span, const struct eg_terms **terms, int *band)
{
	const char *why = band_at(c, span.from, terms, band);
	int64_t into = span.from % MINUTE, at = span.from - (into < 0 ? into + MINUTE : into);

	c->plain = (struct eg_span){ 0, 0 };
	while (why == NULL && span.to - at > MINUTE) {
		const struct eg_terms *next;
		int other;

		at += MINUTE;
		why = band_at(c, at, &next, &other);
		if (why == NULL && (next != *terms || other != *band))
			why = changes;
	}
	return why;
}

/* If the clock of an instant's local day runs from midnight to midnight, sets c->plain to that day:
 * its minutes are then found without the zone. */
static void
remember_day(struct eg_cost *c, int64_t ns)
{
	int64_t day = eg_zone_local(c->zone, seconds_of(ns)).day;
	int64_t from = eg_zone_begin(c->zone, day * DAY), to = eg_zone_begin(c->zone, (day + 1) * DAY);
	const struct eg_terms *terms;
	int band;

	c->plain = (struct eg_span){ 0, 0 };
	if (from != day * DAY - eg_zone_offset(c->zone, from) || to - from != DAY ||
	    eg_zone_offset(c->zone, to - 1) != eg_zone_offset(c->zone, from) ||
	    __builtin_mul_overflow(from, EG_NS_PER_S, &c->plain.from) ||
	    __builtin_mul_overflow(to, EG_NS_PER_S, &c->plain.to))
		c->plain = (struct eg_span){ 0, 0 };
	else
		(void)band_at(c, ns, &terms, &band);
}

const char *
eg_cost_band(struct eg_cost *c, struct eg_span span, const struct eg_terms **terms, int *band)
{
	const uint8_t *minute;
	int64_t first, last;

	if (span.from < c->plain.from || span.from >= c->plain.to)
		remember_day(c, span.from);
	if (span.from < c->plain.from || span.to > c->plain.to)
		return walk_bands(c, span, terms, band);
	if ((*terms = c->terms) == NULL)
		return later;
	minute = c->terms->band[c->row];
	first = (span.from - c->plain.from) / MINUTE;
	last = (span.to - 1 - c->plain.from) / MINUTE;
	*band = minute[first];
	for (int64_t m = first; m <= last; m++)
		if (minute[m] != *band)
			return changes;
	return *band == EG_BAND_NONE ? uncovered : NULL;
}

/* Sets *rate to what 10^-9 kWh cost with VAT. record: the value of the price record. False: too
 * large. */
static bool
rate_of(struct eg_cost *c, const struct eg_terms *terms, const struct eg_price *p, int64_t record,
    struct eg_wide *rate)
{
	struct eg_wide price;

	if (p == c->rated) {
		*rate = c->rate;
		return true;
	}
	price = times(p->amount, amount_scale);
	if ((p->dynamic && !eg_wide_add(&price, times(eg_wide_of(record), p->factor))) ||
	    !eg_wide_multiply(price, eg_wide_of(terms->vat), rate))
		return false;
	if (!p->dynamic) {
		c->rated = p;
		c->rate = *rate;
	}
	return true;
}

const char *
eg_cost_of(struct eg_cost *c, struct eg_span span, struct eg_wide kwh, struct eg_wide *money)
{
	const struct eg_terms *terms;
	int band;
	const char *why = eg_cost_band(c, span, &terms, &band);
	const struct eg_price *p;
	struct eg_wide rate;
	int64_t record = 0;

	if (why != NULL)
		return why;
	p = &terms->price[band];
	if (!p->given)
		return "the table has no price for its band";
	if (p->dynamic && (why = eg_prices_find(c->prices, span, c->stale, &record)) != NULL)
		return why;
	if (!rate_of(c, terms, p, record, &rate) || !eg_wide_multiply(kwh, rate, money))
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
