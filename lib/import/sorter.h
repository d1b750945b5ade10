/* SPDX-License-Identifier: MIT */
/* Sorts records by time or removes repetitions, with sort(1), in limited memory. */
#ifndef EG_SORTER_H
#define EG_SORTER_H

#include <stdbool.h>
#include <stddef.h>

struct eg_error;
struct eg_sorter;

/* sort: by time, then sensor; records with the same key keep their order. unique: drops a record
 * that equals the one before it with the same key. NULL with *e if sort(1) cannot be run. */
struct eg_sorter *eg_sorter_open(bool sort, bool unique, struct eg_error *e);

/* Takes whole lines. Blocks. */
int eg_sorter_put(struct eg_sorter *o, const char *lines, size_t len, struct eg_error *e);

/* Passes all lines in order to write, in blocks of whole lines. Blocks. */
int eg_sorter_end(struct eg_sorter *o, int (*write)(void *ctx, const char *lines, size_t len,
    struct eg_error *e), void *ctx, struct eg_error *e);

/* Ends sort(1) if it still runs. */
void eg_sorter_free(struct eg_sorter *o);

#endif
