/* SPDX-License-Identifier: MIT */
/* Slots of energy to money, as eg-tariff does it with its options. */
#ifndef EG_TARIFF_H
#define EG_TARIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_common;
struct eg_error;

struct eg_tariff_options {
	const char *table;           /* path of the table */
	const char *every;           /* length of the slots that come in, see base/slots.h */
	const char *name;            /* of what comes out, with % for NAME; NULL: as the page says */
	const char *meters;          /* path of the file of meters, whose roles count; NULL: none do */
	const char *price;           /* a file of prices, or the sensor that they come as; NULL */
	const char *const *pattern;  /* of sensors, for fnmatch(3) */
	size_t patterns;             /* 0: *_kwh, see the page */
	bool bands, credit;
	int digits;                  /* behind the point, at most */
	int64_t stale;               /* nanoseconds for which a price stands; 0: until the next */
};

/* Reads slots from standard input, writes records. Blocks. As eg_filter_run; EG_CONFIG with
 * *e for a table that is wrong, or a price that it lacks. */
int eg_tariff_run(const struct eg_tariff_options *o, const struct eg_common *common, struct eg_error *e);

#endif
