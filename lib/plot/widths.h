/* SPDX-License-Identifier: MIT */
/* How wide the cells of lines are: as narrow as the picture can show. */
#ifndef EG_PLOT_WIDTHS_H
#define EG_PLOT_WIDTHS_H

#include <stdbool.h>
#include <stdint.h>

struct eg_error;
struct eg_widths;

/* Widths from 1 ns on, each a multiple of the one before: powers of ten to a second; 5, 15 and
 * 30 s, 1, 5, 15 and 30 minutes, 1 and 3 hours, a day and a week of the zone, whose name has to
 * live as long. `most`: how many cells the picture shows. NULL with EG_BUG: out of memory. */
struct eg_widths *eg_widths_open(const char *zone, int64_t most, struct eg_error *e);
void eg_widths_free(struct eg_widths *w);

/* Whether the span of time (nanoseconds) has too many cells of the present width. Of hours half
 * as many are shown: more are a thicket of days and nights. Weeks are never too many. */
bool eg_widths_many(const struct eg_widths *w, int64_t first, int64_t last);

/* Goes to the next width. False where there is none. -1 in *rc: as eg_slots_open. */
bool eg_widths_next(struct eg_widths *w, int *rc, struct eg_error *e);

/* Where the cell that holds the instant begins; ctx is the widths. */
int64_t eg_widths_key(void *ctx, int64_t ns);

/* The present width in nanoseconds, about, and in words: "hour". NULL: less than a minute. */
int64_t eg_widths_ns(const struct eg_widths *w);
const char *eg_widths_name(const struct eg_widths *w);

#endif
