/* SPDX-License-Identifier: MIT */
/* Gives batches and deletions order numbers that increase. Stores save the number with each
 * record as its time of writing. A number is the current time in nanoseconds, but always above
 * all earlier numbers, even if the clock was set back, also between two runs. For this, a file
 * in the state folder holds a limit that no used number exceeds. */
#ifndef EG_ORDER_H
#define EG_ORDER_H

#include <stdint.h>

struct eg_error;

struct eg_order {
	const char *dir; /* path of the state folder */
	int fd;
	int64_t last, limit; /* the last number; the limit that this process wrote to the file */
};

#define EG_ORDER_INIT(folder) ((struct eg_order){ .dir = (folder), .fd = -1 })

/* Sets *order to nanoseconds since 1970. It is above all numbers that this process got, and
 * above those of other processes of this cluster that have finished with theirs. Syncs the limit
 * file at the first call, after another process has used it, and otherwise every 2 s at most. -1
 * with *e (EG_LOCAL_IO). */
int eg_order_next(struct eg_order *o, int64_t *order, struct eg_error *e);

void eg_order_close(struct eg_order *o);

#endif
