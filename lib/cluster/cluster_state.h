/* SPDX-License-Identifier: MIT */
/* What is kept beside a cluster file, in FILE.state: locks, and nodes failed by hand. */
#ifndef EG_CLUSTER_STATE_H
#define EG_CLUSTER_STATE_H

#include <stdbool.h>
#include <stdint.h>

struct eg_cluster;
struct eg_error;

struct eg_cluster_state {
	char dir[4096]; /* the folder */
	int lock;       /* descriptor, -1: none */
	int commands;   /* another one of the same file, which the commands that we run inherit */
};

/* What only one process holds at a time, and what goes with it: being the stage; making a
 * repair; the stage's word that it sends nothing for as long as a repair runs. Two writers
 * might bring a node two records of one key in different order. So might the commands of
 * one that was killed, which have claims of their own: for as long as any of them runs. */
enum eg_claim {
	EG_CLAIM_STAGE,
	EG_CLAIM_REPAIR,
	EG_CLAIM_PAUSE,
	EG_CLAIM_STAGE_COMMANDS,
	EG_CLAIM_REPAIR_COMMANDS,
	EG_CLAIM_DELETE,
};

/* Makes the folder where it is missing. */
int eg_cluster_state_open(struct eg_cluster_state *s, const struct eg_cluster *c,
    struct eg_error *e);
void eg_cluster_state_close(struct eg_cluster_state *s);

/* Takes a claim: 1 when it is ours, 0 when another process has it, -1 with *e. */
int eg_cluster_state_claim(struct eg_cluster_state *s, enum eg_claim what, struct eg_error *e);
void eg_cluster_state_waive(struct eg_cluster_state *s, enum eg_claim what);

/* Whether another process has it: 1, 0, or -1 with *e. */
int eg_cluster_state_claimed(struct eg_cluster_state *s, enum eg_claim what, struct eg_error *e);

/* Waits until we are the stage (timeout_ms 0: for ever), and says so; then until what a
 * killed one has left has ended, but no longer than node_timeout_ms. */
int eg_cluster_state_wait(struct eg_cluster_state *s, int64_t timeout_ms, int64_t node_timeout_ms,
    struct eg_error *e);

/* Waits likewise until a repair may begin: until there is no other, and no stage or one
 * that pauses (then *paused). The claim is held until eg_cluster_state_close. */
int eg_cluster_state_wait_repair(struct eg_cluster_state *s, int64_t timeout_ms,
    int64_t node_timeout_ms, bool *paused, struct eg_error *e);

/* Waits until something may be deleted: a repair might bring back from one node what was
 * deleted meanwhile on another. */
int eg_cluster_state_wait_delete(struct eg_cluster_state *s, int64_t timeout_ms,
    struct eg_error *e);

/* Whether the node of that name was taken out by hand; take it out, bring it back. */
bool eg_cluster_state_failed(const struct eg_cluster_state *s, const char *name);
int eg_cluster_state_fail(const struct eg_cluster_state *s, const char *name, bool failed,
    struct eg_error *e);

#endif
