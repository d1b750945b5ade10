/* SPDX-License-Identifier: MIT */
#include "base/histogram.h"

#include "base/diag.h"

void
eg_histogram_add(struct eg_histogram *h, uint64_t value, uint64_t n)
{
	size_t i = 0;

	while (i < EG_HISTOGRAM_BOUNDS && h->bounds[i] != 0 && value > h->bounds[i])
		i++;
	if (i < EG_HISTOGRAM_BOUNDS && h->bounds[i] == 0)
		i = EG_HISTOGRAM_BOUNDS;
	h->count[i] += n;
	h->sum += value * n;
}

void
eg_histogram_print(FILE *f, const struct eg_histogram *h)
{
	const char *program = eg_program();
	uint64_t n = 0;

	fprintf(f, "# HELP energyguard_%s %s\n# TYPE energyguard_%s histogram\n", h->name, h->help,
	    h->name);
	/* The values up to a bound include those up to the bounds before it. */
	for (size_t i = 0; i < EG_HISTOGRAM_BOUNDS && h->bounds[i] != 0; i++) {
		n += h->count[i];
		fprintf(f, "energyguard_%s_bucket{program=\"%s\",le=\"%g\"} %llu\n", h->name, program,
		    (double)h->bounds[i] / h->scale, (unsigned long long)n);
	}
	n += h->count[EG_HISTOGRAM_BOUNDS];
	fprintf(f, "energyguard_%s_bucket{program=\"%s\",le=\"+Inf\"} %llu\n", h->name, program,
	    (unsigned long long)n);
	fprintf(f, "energyguard_%s_sum{program=\"%s\"} %.*f\n", h->name, program,
	    h->scale == 1 ? 0 : 3, (double)h->sum / h->scale);
	fprintf(f, "energyguard_%s_count{program=\"%s\"} %llu\n", h->name, program,
	    (unsigned long long)n);
}
