/* SPDX-License-Identifier: MIT */
/* The partition of a super stream that a sensor belongs to. A super stream is a group of streams,
 * its partitions (https://www.rabbitmq.com/docs/streams#super-streams). */
#ifndef EG_PARTITION_H
#define EG_PARTITION_H

#include <stddef.h>
#include <stdint.h>

/* The largest number of partitions that eg-split makes. */
#define EG_PARTITIONS_MAX 128

/* Returns the partition, 0 to n - 1, of a key of len bytes; n is at least 1. It is MurmurHash3
 * (x86, 32 bits, Appleby 2011) with the seed 104729, modulo n: the hash strategy of RabbitMQ's
 * stream clients for Java, .NET and Go, so a key has the same partition there. */
uint32_t eg_partition(const void *key, size_t len, uint32_t n);

#endif
