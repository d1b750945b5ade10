/* SPDX-License-Identifier: MIT */
/* Readings in the data of a DLMS notification. */
#ifndef EG_COSEM_LIST_H
#define EG_COSEM_LIST_H

#include <stddef.h>

struct eg_emit;

/* Emits the readings in the len bytes at p. The notification's date and time are the time_len
 * bytes at time (0: none). Returns -1 if the message is refused. */
int eg_cosem_put(struct eg_emit *s, const unsigned char *time, size_t time_len,
    const unsigned char *p, size_t len);

#endif
