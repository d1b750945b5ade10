/* SPDX-License-Identifier: MIT */
/* The order of what is sent to the stores of a cluster, by which they date it. It is the
 * time, but never earlier than what was used before: the clock may have been set back, also
 * between two runs. The state folder keeps a limit that no number in use is above. */
#ifndef EG_ORDER_H
#define EG_ORDER_H

#include <stdint.h>

struct eg_error;

struct eg_order {
	const char *dir; /* the state folder */
	int fd;
	int64_t last, limit; /* limit: as this process wrote it */
};

#define EG_ORDER_INIT(folder) ((struct eg_order){ .dir = (folder), .fd = -1 })

/* *order: nanoseconds since 1970, later than all that this process and, as far as they have
 * ended with theirs, others of this cluster were given. Syncs a file at the first call, when
 * another process has been here, and else every 2 s at most. -1 with *e (EG_LOCAL_IO). */
int eg_order_next(struct eg_order *o, int64_t *order, struct eg_error *e);

void eg_order_close(struct eg_order *o);

#endif
