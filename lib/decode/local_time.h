/* SPDX-License-Identifier: MIT */
/* Which pass through a repeated hour devices are in, told by the order of their times. */
#ifndef EG_LOCAL_TIME_H
#define EG_LOCAL_TIME_H

struct eg_repeats;

/* NULL: out of memory. Of bounded size, whatever number of devices it is asked for. */
struct eg_repeats *eg_repeats_new(void);
void eg_repeats_free(struct eg_repeats *r);

#endif
