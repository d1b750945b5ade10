/* SPDX-License-Identifier: MIT */
/* Prices that change by the hour: records, each valid until the next one. */
#ifndef EG_PRICES_H
#define EG_PRICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slots.h"
#include "base/wide.h"

struct eg_error;
struct eg_record;

struct eg_price_at {
	int64_t ns;
	int64_t price; /* in units of 10^-9 */
	uint64_t line; /* number of its input line */
};

/* All zero: empty. Takes 24 bytes per price. */
struct eg_prices {
	struct eg_price_at *at; /* in ascending order of time */
	size_t n, room;
	int64_t used; /* latest instant for which a slot has used a price */
};

#define EG_PRICES_INIT ((struct eg_prices){ .used = INT64_MIN })

/* Adds the price of a record. It must not be older than the last one, and replaces one of the
 * same instant. Returns NULL, or the reason for refusing the record. *e is set if memory runs
 * out. */
const char *eg_prices_add(struct eg_prices *p, const struct eg_record *r, struct eg_error *e);

/* Reads a file of records of one sensor, in any order; a later line replaces an earlier one of
 * the same instant. Blocks. -1 with EG_REFUSED and the line's number when a line is no price:
 * without it another price would stand in its place. */
int eg_prices_read(struct eg_prices *p, const char *path, struct eg_error *e);

/* Finds the price that is valid during the whole span. A price is valid for at most `stale`
 * nanoseconds (0: no limit). Returns NULL, or the reason why there is none. */
const char *eg_prices_find(struct eg_prices *p, struct eg_span span, int64_t stale, int64_t *price);

void eg_prices_free(struct eg_prices *p);

#endif
