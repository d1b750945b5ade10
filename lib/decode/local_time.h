/* SPDX-License-Identifier: MIT */
/* Decides which of the two passes of a repeated hour a device's time belongs to, by the order of
 * the device's times. */
#ifndef EG_LOCAL_TIME_H
#define EG_LOCAL_TIME_H

struct eg_repeats;

/* NULL if memory runs out. Its size is fixed, whatever the number of devices. */
struct eg_repeats *eg_repeats_new(void);
void eg_repeats_free(struct eg_repeats *r);

#endif
