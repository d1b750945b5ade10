/* SPDX-License-Identifier: MIT */
/* The work of eg-sum: combines slots of several sensors into one. */
#ifndef EG_SUM_H
#define EG_SUM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slots.h"
#include "base/wide.h"
#include "sum/expr.h"
#include "sum/shift.h"

struct eg_common;
struct eg_error;

/* How the slots within a longer one are combined. */
enum eg_sum_what { EG_SUM_TOTAL, EG_SUM_MAX, EG_SUM_MIN, EG_SUM_MEAN, EG_SUM_RANK };

struct eg_sum_options {
	struct eg_slots_options slots; /* every NULL: the input's slots; "all": one slot for
				        * everything */
	enum eg_sum_what what;
	struct eg_wide percent;  /* for EG_SUM_RANK: > 0, at most 100, in units of 10^-9 */
	bool when;               /* EG_SUM_MAX, EG_SUM_MIN: the result has the time of that value */
	bool running;            /* each result is the sum of all results so far */
	const char *restart;     /* with `running`: slots at whose start the sum restarts; NULL:
				  * none */
	struct eg_shift shift;   /* all 0: no shift */
	bool zero;               /* count a missing member as 0 */
	int digits;
	const struct eg_expr *expr;
	size_t exprs;            /* at most EG_SUM_EXPRS */
};

#define EG_SUM_EXPRS 64

/* Reads slots from standard input, and writes the results at its end. Needs some 80 bytes for each
 * slot and expression. Blocks. Returns as eg_filter_run. */
int eg_sum_run(const struct eg_sum_options *o, const struct eg_common *common, struct eg_error *e);

#endif
