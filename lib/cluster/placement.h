/* SPDX-License-Identifier: MIT */
/* Which nodes hold a sensor: rendezvous hashing (Thaler and Ravishankar 1998). */
#ifndef EG_PLACEMENT_H
#define EG_PLACEMENT_H

#include <stddef.h>
#include <stdint.h>

struct eg_cluster;

/* The seed of a node. It depends only on the node's name: a new command, another order of lines,
 * or other nodes do not change it. */
uint64_t eg_place_seed(const char *name);

/* The nodes that hold the sensor, as a bit mask by index: those with the highest hashes of node
 * and sensor. A new node takes an even share from all others, and no other sensor moves. */
uint64_t eg_place(const struct eg_cluster *c, const char *sensor, size_t len);

#endif
