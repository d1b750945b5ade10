/* SPDX-License-Identifier: MIT */
/* Records sorted by time, or without repetitions, through sort(1): in bounded memory. */
#ifndef EG_ORDER_H
#define EG_ORDER_H

#include <stdbool.h>
#include <stddef.h>

struct eg_error;
struct eg_order;

/* sort: by time, then sensor, the order of rows within a key. unique: a record equal to the
 * one before it with the same key is dropped. NULL with *e when sort(1) cannot be run. */
struct eg_order *eg_order_open(bool sort, bool unique, struct eg_error *e);

/* Takes whole lines. Blocks. */
int eg_order_put(struct eg_order *o, const char *lines, size_t len, struct eg_error *e);

/* Gives all lines to write, in their order, in blocks of whole lines. Blocks. */
int eg_order_end(struct eg_order *o, int (*write)(void *ctx, const char *lines, size_t len,
    struct eg_error *e), void *ctx, struct eg_error *e);

/* Ends sort(1) when it still runs. */
void eg_order_free(struct eg_order *o);

#endif
