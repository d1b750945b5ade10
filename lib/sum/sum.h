/* SPDX-License-Identifier: MIT */
/* Slots of several sensors to one, as eg-sum does it with its options. */
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

/* What becomes of the slots in a longer one. */
enum eg_sum_what { EG_SUM_TOTAL, EG_SUM_MAX, EG_SUM_MIN, EG_SUM_MEAN, EG_SUM_RANK };

struct eg_sum_options {
	struct eg_slots_options slots; /* every NULL: as they come in; "all": one over all */
	enum eg_sum_what what;
	struct eg_wide percent;  /* of EG_SUM_RANK, above 0 to 100, in units of 10^-9 */
	bool when;               /* the largest or smallest keeps its time */
	bool running;            /* the sum of all results up to each */
	const char *restart;     /* of `running`: the slots in which it begins anew; NULL: never */
	struct eg_shift shift;   /* all 0: none */
	bool zero;               /* a member that is missing is 0 */
	int digits;
	const struct eg_expr *expr;
	size_t exprs;            /* at most EG_SUM_EXPRS */
};

#define EG_SUM_EXPRS 64

/* Reads slots from standard input, writes results when it ends. Takes some 80 bytes for each
 * slot and expression. Blocks. As eg_filter_run. */
int eg_sum_run(const struct eg_sum_options *o, const struct eg_common *common, struct eg_error *e);

#endif
