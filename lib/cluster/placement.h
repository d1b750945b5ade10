/* SPDX-License-Identifier: MIT */
/* Which nodes hold a sensor: rendezvous hashing (Thaler and Ravishankar 1998). */
#ifndef EG_PLACEMENT_H
#define EG_PLACEMENT_H

#include <stddef.h>
#include <stdint.h>

struct eg_cluster;

/* A node's seed. It depends on the name alone, so that a node may change its place in
 * the file, its command and its neighbours without moving a sensor. */
uint64_t eg_place_seed(const char *name);

/* The nodes that hold the sensor, as bits by their index. Of each pair of node and
 * sensor a hash is made, and the highest ones hold it: so a node that is added takes
 * its share, evenly from all others, and nothing else moves. */
uint64_t eg_place(const struct eg_cluster *c, const char *sensor, size_t len);

#endif
