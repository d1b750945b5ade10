/* SPDX-License-Identifier: MIT */
/* Converts slots of energy to money, as eg-tariff's options request. */
#ifndef EG_TARIFF_H
#define EG_TARIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_common;
struct eg_error;

struct eg_tariff_options {
	const char *table;           /* path of the table */
	const char *every;           /* length of the input slots, see base/slots.h */
	const char *name;            /* names of the results, with % for NAME; NULL: the default
				      * of eg-tariff(1) */
	const char *meters;          /* path of the file of meters, whose roles select sensors;
				      * NULL: none */
	const char *price;           /* a file of prices, or the sensor with the prices; NULL:
				      * none */
	const char *const *pattern;  /* patterns of sensors, for fnmatch(3) */
	size_t patterns;             /* number of patterns; 0: *_kwh, see eg-tariff(1) */
	bool bands, credit;
	int digits;                  /* largest number of digits after the point */
	int64_t stale;               /* how long a price is valid, in nanoseconds; 0: until the
				      * next one */
};

/* Reads slots from standard input and writes records. Blocks. Returns as eg_filter_run does;
 * also EG_CONFIG with *e if the table is invalid or lacks a price. */
int eg_tariff_run(const struct eg_tariff_options *o, const struct eg_common *common,
    struct eg_error *e);

#endif
