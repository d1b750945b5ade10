/* SPDX-License-Identifier: MIT */
/* Which nodes hold a sensor: rendezvous hashing (Thaler and Ravishankar 1998). */
#include "cluster/placement.h"

#include <string.h>
#include <xxhash.h>

#include "cluster/cluster.h"

uint64_t
eg_place_seed(const char *name)
{
	return XXH64(name, strlen(name), 0);
}

uint64_t
eg_place(const struct eg_cluster *c, const char *sensor, size_t len)
{
	uint64_t weight[EG_NODES_MAX], held = 0;

	if (c->copies == c->n)
		return c->n == EG_NODES_MAX ? UINT64_MAX : (UINT64_C(1) << c->n) - 1;
	for (size_t i = 0; i < c->n; i++)
		weight[i] = XXH64(sensor, len, c->node[i].seed);
	for (size_t k = 0; k < c->copies; k++) {
		size_t best = (size_t)__builtin_ctzll(~held);

		for (size_t i = best + 1; i < c->n; i++)
			if ((held >> i & 1) == 0 && weight[i] > weight[best])
				best = i;
		held |= UINT64_C(1) << best;
	}
	return held;
}
