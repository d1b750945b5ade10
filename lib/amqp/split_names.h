/* SPDX-License-Identifier: MIT */
/* The names of the queues that eg-split makes for the exchange NAME. */
#ifndef EG_SPLIT_NAMES_H
#define EG_SPLIT_NAMES_H

#include <stdbool.h>

#include "amqp/partition.h"

#define EG_SPLIT_NAME_SIZE 272 /* bytes of each name here, with its NUL */

/* Queue number i, from 1: NAME.1, or with stream NAME-0. */
void eg_split_queue(const char *name, bool stream, unsigned i, char out[EG_SPLIT_NAME_SIZE]);

/* The exchange that chooses the queue by the hash, NAME.hash; not for streams. Publishers use NAME,
 * a fanout exchange in front of it: by the one binding between them all queues are cut off at once.
 * If they were unbound one after the other, sensors would move to those that are left. */
void eg_split_hash(const char *name, char out[EG_SPLIT_NAME_SIZE]);

/* The queue that exists while the split is being changed: NAME.change. Publishers wait for its
 * end, see split.h. */
void eg_split_gate(const char *name, char out[EG_SPLIT_NAME_SIZE]);

/* The exclusive queue of the eg-split that changes it: NAME.split. */
void eg_split_lock(const char *name, char out[EG_SPLIT_NAME_SIZE]);

#endif
