/* SPDX-License-Identifier: MIT */
/* Finds nodes that are the same store, although their commands differ: each store is asked which
 * file it is, with the verb identity of eg-store. */
#ifndef EG_IDENTITY_H
#define EG_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

struct eg_cluster;
struct eg_cluster_state;
struct eg_error;
struct eg_identities;

/* c and s stay the caller's. NULL: out of memory. */
struct eg_identities *eg_identities_new(const struct eg_cluster *c,
    const struct eg_cluster_state *s);
void eg_identities_free(struct eg_identities *x);

/* Asks all stores that are not failed by hand, at the same time, and waits for their answers:
 * timeout_ms at most, or until a signal. A node that cannot be asked, or whose command does not
 * know the verb, counts as another store. -1 with *e (EG_CONFIG): two nodes are one store. */
int eg_identities_ask(struct eg_identities *x, int64_t timeout_ms, struct eg_error *e);

/* As eg_identities_ask, once, for a verb that relies on several of these nodes (a bit each). */
int eg_identities_check(const struct eg_cluster *c, const struct eg_cluster_state *s,
    uint64_t nodes, int64_t timeout_ms, struct eg_error *e);

/* Call this when the command of node i works: asks it if it has not answered before. Does not
 * block. */
void eg_identities_again(struct eg_identities *x, unsigned i);

/* Reads the answers that have come. Does not block. -1 as eg_identities_ask. */
int eg_identities_read(struct eg_identities *x, struct eg_error *e);

#endif
