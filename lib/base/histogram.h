/* SPDX-License-Identifier: MIT */
/* A histogram in Prometheus' form: for each bound, the number of values up to it. */
#ifndef EG_HISTOGRAM_H
#define EG_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

enum { EG_HISTOGRAM_BOUNDS = 12 };

/* Fill in name, help, scale and bounds, and zero the rest. */
struct eg_histogram {
	const char *name; /* without prefix, with its unit: "receipt_seconds" */
	const char *help;
	uint32_t scale;   /* values are in 1/scale of that unit: 1000 for ms, exported as seconds */
	uint32_t bounds[EG_HISTOGRAM_BOUNDS]; /* they grow; 0: unused, behind the others */
	uint64_t count[EG_HISTOGRAM_BOUNDS + 1]; /* values up to the bound and above the one before;
						  * the last: above all bounds */
	uint64_t sum;     /* in 1/scale of the unit */
};

/* Counts value n times. */
void eg_histogram_add(struct eg_histogram *h, uint64_t value, uint64_t n);

/* Writes it in Prometheus' text format: _bucket, _sum and _count. */
void eg_histogram_print(FILE *f, const struct eg_histogram *h);

#endif
