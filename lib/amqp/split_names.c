/* SPDX-License-Identifier: MIT */
/* The names of the queues that eg-split makes. */
#include "amqp/split_names.h"

#include <stdio.h>

void
eg_split_queue(const char *name, bool stream, unsigned i, char out[EG_SPLIT_NAME_SIZE])
{
	snprintf(out, EG_SPLIT_NAME_SIZE, "%s%c%u", name, stream ? '-' : '.', stream ? i - 1 : i);
}

void
eg_split_hash(const char *name, char out[EG_SPLIT_NAME_SIZE])
{
	snprintf(out, EG_SPLIT_NAME_SIZE, "%s.hash", name);
}

void
eg_split_gate(const char *name, char out[EG_SPLIT_NAME_SIZE])
{
	snprintf(out, EG_SPLIT_NAME_SIZE, "%s.change", name);
}

void
eg_split_lock(const char *name, char out[EG_SPLIT_NAME_SIZE])
{
	snprintf(out, EG_SPLIT_NAME_SIZE, "%s.split", name);
}
