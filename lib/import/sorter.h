/* SPDX-License-Identifier: MIT */
/* Records sorted by time, or without repetitions, through sort(1): in bounded memory. */
#ifndef EG_SORTER_H
#define EG_SORTER_H

#include <stdbool.h>
#include <stddef.h>

struct eg_error;
struct eg_sorter;

/* sort: by time, then sensor, the order of rows within a key. unique: a record equal to the
 * one before it with the same key is dropped. NULL with *e when sort(1) cannot be run. */
struct eg_sorter *eg_sorter_open(bool sort, bool unique, struct eg_error *e);

/* Takes whole lines. Blocks. */
int eg_sorter_put(struct eg_sorter *o, const char *lines, size_t len, struct eg_error *e);

/* Gives all lines to write, in their order, in blocks of whole lines. Blocks. */
int eg_sorter_end(struct eg_sorter *o, int (*write)(void *ctx, const char *lines, size_t len,
    struct eg_error *e), void *ctx, struct eg_error *e);

/* Ends sort(1) when it still runs. */
void eg_sorter_free(struct eg_sorter *o);

#endif
