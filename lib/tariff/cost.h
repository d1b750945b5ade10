/* SPDX-License-Identifier: MIT */
/* The cost of a slot's energy by a table. */
#ifndef EG_COST_H
#define EG_COST_H

#include <stdint.h>

#include "base/slots.h"
#include "base/wide.h"
#include "tariff/prices.h"
#include "tariff/table.h"

/* Amounts of money are integers of 10^-25: 9 digits of energy, 12 of a price with its factor
 * and 4 of VAT are exact, up to 1.7 * 10^13. */
struct eg_wide eg_cost_unit(void);

/* The table, and what a search in it needs. */
struct eg_cost {
	const struct eg_table *table;
	const struct eg_zone *zone;
	struct eg_prices *prices; /* NULL: there are no price records */
	int64_t stale;            /* see eg_prices_find */
	int64_t day;              /* day of the last search, with its row of bands and its terms */
	int row;
	const struct eg_terms *terms;
	struct eg_span plain;     /* a day whose clock is even, which is c->day; empty: none */
	const struct eg_price *rated; /* the last price that is not dynamic; NULL: none yet */
	struct eg_wide rate;      /* what 10^-9 kWh cost at that price, with VAT */
};

#define EG_COST_INIT(t, z) ((struct eg_cost){ .table = (t), .zone = (z), .day = INT64_MIN })

/* Finds the terms and the band of a slot; they must be the same for every minute of it. Returns
 * NULL, or the reason why there is none, for eg_filter_refuse. */
const char *eg_cost_band(struct eg_cost *c, struct eg_span span, const struct eg_terms **terms,
    int *band);

/* The cost of kwh (in units of 10^-9) in the slot. Returns NULL, or the reason why there is
 * none. */
const char *eg_cost_of(struct eg_cost *c, struct eg_span span, struct eg_wide kwh,
    struct eg_wide *money);

/* A fee of the terms, with VAT. */
struct eg_wide eg_cost_fee(const struct eg_terms *terms, enum eg_fee fee);

/* Rounds money to the table's step; a half is rounded away from zero. */
struct eg_wide eg_cost_round(const struct eg_table *t, struct eg_wide money);

#endif
