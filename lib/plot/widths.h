/* SPDX-License-Identifier: MIT */
/* Chooses the width (duration) of the cells of lines: the smallest one that the picture can
 * show. */
#ifndef EG_PLOT_WIDTHS_H
#define EG_PLOT_WIDTHS_H

#include <stdbool.h>
#include <stdint.h>

struct eg_error;
struct eg_widths;

/* Prepares the widths. Each is a multiple of the one before: powers of ten from 1 ns to 1 s; 5,
 * 15 and 30 s; 1, 5, 15 and 30 min; 1 and 3 h; a day and a week in the zone (the string must
 * stay valid). most: number of cells that the picture can show. NULL with EG_BUG if memory runs
 * out. */
struct eg_widths *eg_widths_open(const char *zone, int64_t most, struct eg_error *e);
void eg_widths_free(struct eg_widths *w);

/* Whether the span first..last (nanoseconds since 1970) has more cells of the current width than
 * the picture can show. For hours the limit is half of that, since more days and nights are
 * unreadable. Always false for weeks. */
bool eg_widths_many(const struct eg_widths *w, int64_t first, int64_t last);

/* Changes to the next width. Returns false if there is none. *rc is -1 with an error of
 * eg_slots_open. */
bool eg_widths_next(struct eg_widths *w, int *rc, struct eg_error *e);

/* The start of the cell that holds the instant; ctx is the struct eg_widths. */
int64_t eg_widths_key(void *ctx, int64_t ns);

/* The approximate current width in nanoseconds; and its name, such as "hour" (NULL: below a
 * minute). */
int64_t eg_widths_ns(const struct eg_widths *w);
const char *eg_widths_name(const struct eg_widths *w);

#endif
