/* SPDX-License-Identifier: MIT */
/* A table of a tariff: which band an hour is in, and what a kWh costs there. Its language is
 * in eg-tariff(1). */
#ifndef EG_TABLE_H
#define EG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wide.h"
#include "base/zone.h"

struct eg_error;

#define EG_BANDS_MAX 32
#define EG_BAND_NAME_MAX 32 /* largest size in bytes */
#define EG_BAND_NONE 255
#define EG_DAY_MINUTES 1440

enum eg_fee { EG_FEE_DAY, EG_FEE_MONTH, EG_FEE_YEAR, EG_FEES };

/* Days as rules know them: Monday is 0, Sunday is 6. */
enum { EG_DAY_HOLIDAY = 7, EG_DAY_KINDS };

/* The price of a kWh in a band: amount or, if dynamic, price record * factor + amount. */
struct eg_price {
	bool given, dynamic;
	int64_t factor;        /* in units of 10^-3 */
	struct eg_wide amount; /* in units of 10^-9 */
};

/* Terms, valid from the start of a local day until the next terms. */
struct eg_terms {
	int64_t from; /* days since 1970-01-01; INT64_MIN: no earlier limit */
	struct eg_price price[EG_BANDS_MAX];
	struct eg_wide fee[EG_FEES]; /* in units of 10^-9, without VAT */
	bool charges[EG_FEES];       /* there is such a fee, which may be 0 */
	int64_t vat;                 /* factor on all amounts, in units of 10^-4 */
	uint8_t band[EG_DAY_KINDS][EG_DAY_MINUTES]; /* EG_BAND_NONE: no rule applies */
};

/* A holiday: a date, or a number of days after Easter Sunday. */
struct eg_holiday {
	bool easter;
	int year; /* 0: every year */
	int month, day;
	int after; /* days after Easter Sunday */
};

/* A table. Use the functions below, and read the first members only. */
struct eg_table {
	char zone[64];
	char band[EG_BANDS_MAX][EG_BAND_NAME_MAX + 1];
	size_t bands;
	bool dynamic;          /* a price depends on price records */
	const char *round;     /* 1d, 1w, 1mo, 1y, or "slot"; NULL: amounts are not rounded */
	struct eg_wide step;   /* smallest unit of rounded amounts, in units of 10^-9 */
	struct eg_terms *terms;
	size_t n, room;
	struct eg_holiday *holiday;
	size_t holidays, holiday_room;
};

/* Reads the table at path. Blocks. NULL with EG_CONFIG, the path and the line's number. */
struct eg_table *eg_table_read(const char *path, struct eg_error *e);

/* The same for a text; path is its name in messages. */
struct eg_table *eg_table_parse(const char *path, const char *text, size_t len, struct eg_error *e);

void eg_table_free(struct eg_table *t);

/* The terms of a local day; NULL if the table begins later. */
const struct eg_terms *eg_table_terms(const struct eg_table *t, int64_t day);

/* The index in `band` of a local day: its weekday, or EG_DAY_HOLIDAY. */
int eg_table_day(const struct eg_table *t, int64_t day);

#endif
