/* SPDX-License-Identifier: MIT */
/* The readings in the data of a notification. */
#ifndef EG_COSEM_LIST_H
#define EG_COSEM_LIST_H

#include <stddef.h>

struct eg_emit;

/* Emits the readings in the data of len bytes at p, whose notification has the date and time of
 * time_len bytes at time (0: none). -1: refused. */
int eg_cosem_put(struct eg_emit *s, const unsigned char *time, size_t time_len,
    const unsigned char *p, size_t len);

#endif
