/* SPDX-License-Identifier: MIT */
/* Expressions of eg-sum: NAME=EXPR, sums and differences of sensors with one division. */
#ifndef EG_EXPR_H
#define EG_EXPR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/wide.h"
#include "record/record.h"

struct eg_error;

/* A sensor, or all sensors that match a pattern of fnmatch(3), times a factor. */
struct eg_term {
	const char *pattern;
	struct eg_wide factor; /* with its sign, in units of 10^-9 */
	bool below;            /* after the '/' */
};

/* Owns its texts. */
struct eg_expr {
	char *text; /* owned; holds the texts */
	const char *name; /* sensor name of the result */
	size_t name_len;
	struct eg_term *term;
	size_t n, room;
	bool quotient; /* it has a '/' */
};

/* Parses `NAME = [-] [NUMBER *] SENSOR {+|- [NUMBER *] SENSOR} [/ the same]`. Words are parted
 * by blanks, since sensors may hold any of these signs; a sensor with blanks stands in "".
 * -1 with EG_USAGE when it is none. */
int eg_expr_parse(struct eg_expr *x, const char *text, struct eg_error *e);

void eg_expr_free(struct eg_expr *x);

/* The factors for a sensor's value above and below the '/', in units of 10^-9. Returns the number
 * of terms that match it; 0: it is not a member. *fits becomes false if a factor is too large. */
size_t eg_expr_match(const struct eg_expr *x, const char *sensor, size_t len, struct eg_wide *above,
    struct eg_wide *below, bool *fits);

#endif
