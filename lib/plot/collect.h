/* SPDX-License-Identifier: MIT */
/* Records to cells: what a kind of picture needs of each reading, in bounded memory. */
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

/* The keys of the cells are: lines, bars, calendar and duration: the instant at which their slot
 * begins; heat: hours of the local
 * clock since 1970; day and week: quarter-hours of the local clock since midnight, or since
 * Monday's. */
struct eg_collection {
	const struct eg_plot_options *o;
	struct eg_slots *slots;     /* those of the cells; its zone is the picture's */
	struct eg_meters *meters;   /* NULL: no file of meters */
	struct eg_series_list list;
	int64_t first, last;        /* of the readings that are drawn, in nanoseconds */
	struct eg_widths *widths;   /* of the cells of lines; NULL: of others */
	/* eg_collect's own: */
	struct eg_seen seen;
	size_t cells;
	struct eg_span slot;        /* that of the latest reading, or its minute, */
	int64_t key;                /* and the key that goes with it */
};

/* Prepares *c. -1 with EG_USAGE for slots that are none, EG_CONFIG for a zone that is
 * none, or as eg_meters_read. */
int eg_collection_open(struct eg_collection *c, const struct eg_plot_options *o, struct eg_error *e);
void eg_collection_free(struct eg_collection *c);

/* Adds a record: an eg_plot_taker, with the collection as ctx. Records may come in any order: the
 * cells are the same. Of two with the same key the later one counts, though the earlier stays in a
 * cell's least and most; when more than EG_SEEN_MAX readings have come, both count. Memory grows with sensors and slots, not with records. */
const char *eg_collect(void *ctx, const struct eg_record *r, int *rc, struct eg_error *e);

#endif
