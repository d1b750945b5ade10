/* SPDX-License-Identifier: MIT */
/* Collects records in cells, as each kind of picture needs them, in limited memory. */
#ifndef EG_PLOT_COLLECT_H
#define EG_PLOT_COLLECT_H

#include <stdint.h>

#include "base/slots.h"
#include "meters/meters.h"
#include "plot/options.h"
#include "plot/seen.h"
#include "plot/series.h"
#include "plot/widths.h"
#include "record/record.h"

struct eg_error;

/* The collected readings. Keys of cells: for lines, bars, calendar and duration, the instant at
 * which the slot begins; for heat, hours of local time since 1970; for day and week,
 * quarter-hours of local time since midnight, or since Monday at midnight. */
struct eg_collection {
	const struct eg_plot_options *o;
	struct eg_slots *slots;     /* slots of the cells; their zone is the picture's */
	struct eg_meters *meters;   /* NULL: no file of meters */
	struct eg_series_list list;
	int64_t first, last;        /* earliest and latest reading that is drawn, in nanoseconds
				     * since 1970 */
	struct eg_widths *widths;   /* widths of the cells of lines; NULL for other pictures */
	/* private to eg_collect: */
	struct eg_seen seen;
	bool replaced;              /* a reading has replaced another one */
	size_t cells;
	struct eg_span slot;        /* slot of the last reading, or its minute, */
	int64_t key;                /* and the key that belongs to it */
};

/* Prepares *c. -1 with EG_USAGE for an invalid slot, EG_CONFIG for an unknown zone, or with an
 * error of eg_meters_read. */
int eg_collection_open(struct eg_collection *c, const struct eg_plot_options *o,
    struct eg_error *e);
void eg_collection_free(struct eg_collection *c);

/* Adds a record; an eg_plot_taker whose ctx is the collection. The order of records does not
 * matter. If two records have the same key, the later one counts. After EG_SEEN_MAX readings, both
 * count. Memory grows with the number of sensors and slots, not of records. */
const char *eg_collect(void *ctx, const struct eg_record *r, int *rc, struct eg_error *e);

/* To be called after the last record: leaves what was replaced out of the minimum and maximum of
 * the cells. With more than EG_SEEN_MAX readings it stays in them. */
void eg_collection_end(struct eg_collection *c);

#endif
