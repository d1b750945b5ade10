/* SPDX-License-Identifier: MIT */
/* The folder beside a cluster file, FILE.state: claims, and nodes failed by hand. */
#ifndef EG_CLUSTER_STATE_H
#define EG_CLUSTER_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct eg_cluster;
struct eg_error;

enum { EG_STATE_PATH = 4096 };

struct eg_cluster_state {
	char dir[EG_STATE_PATH]; /* the folder */
	struct stat made;        /* stat(2) of the folder when it was opened */
	int file;     /* descriptor of the cluster file; -1: none, also for the next two */
	int lock;     /* of the lock file */
	int commands; /* of the lock file again, inherited by the commands that we run */
};

#define EG_CLUSTER_STATE_INIT ((struct eg_cluster_state){ .file = -1, .lock = -1, .commands = -1 })

/* Claims, each held by one process at a time: to be the stage; to repair; that the stage is
 * paused for a repair; to delete. Two writers could bring two records of one key to a node in
 * different order. So could the commands of a process that was killed, so these hold claims of
 * their own until the last of them has ended. */
enum eg_claim {
	EG_CLAIM_STAGE,
	EG_CLAIM_REPAIR,
	EG_CLAIM_PAUSE,
	EG_CLAIM_STAGE_COMMANDS,
	EG_CLAIM_REPAIR_COMMANDS,
	EG_CLAIM_DELETE,
};

/* Opens the folder, or creates it and syncs it to disk. A symbolic link to a cluster file leads
 * to the folder of the file itself. -1 with *e; then nothing is left to close. */
int eg_cluster_state_open(struct eg_cluster_state *s, const struct eg_cluster *c,
    struct eg_error *e);
void eg_cluster_state_close(struct eg_cluster_state *s);

/* Syncs the folder, and its name: what was made in it is on disk. */
int eg_cluster_state_sync(const struct eg_cluster_state *s, struct eg_error *e);

/* Checks that the paths still lead to the folder and to the lock file (if it was opened). 0, or
 * -1 with *e (EG_LOCAL_IO): other processes would not see our claims. */
int eg_cluster_state_check(const struct eg_cluster_state *s, struct eg_error *e);

bool eg_same_file(const struct stat *a, const struct stat *b);

/* Takes a claim: 1 when it is ours, 0 when another process has it, -1 with *e. That of
 * the stage is also held against those who know the cluster file by a hard link. */
int eg_cluster_state_claim(struct eg_cluster_state *s, enum eg_claim what, struct eg_error *e);
void eg_cluster_state_waive(struct eg_cluster_state *s, enum eg_claim what);

/* Whether another process has it: 1, 0, or -1 with *e. */
int eg_cluster_state_claimed(struct eg_cluster_state *s, enum eg_claim what, struct eg_error *e);

/* Waits until this process has the claim of the stage (timeout_ms 0: for ever), with a
 * warning; then for the commands of a stage that was killed, node_timeout_ms at most. */
int eg_cluster_state_wait(struct eg_cluster_state *s, int64_t timeout_ms, int64_t node_timeout_ms,
    struct eg_error *e);

/* Waits likewise until a repair may begin: no other repair, no deletion, and no stage or a
 * paused one (then *paused). The claim is held until eg_cluster_state_close. */
int eg_cluster_state_wait_repair(struct eg_cluster_state *s, int64_t timeout_ms,
    int64_t node_timeout_ms, bool *paused, struct eg_error *e);

/* Waits until no repair and no other deletion runs: a repair could bring back a record from
 * one node while it is deleted on another. The claim is held likewise. */
int eg_cluster_state_wait_delete(struct eg_cluster_state *s, int64_t timeout_ms,
    struct eg_error *e);

/* Whether the node with this name is failed by hand; fails it, or recovers it, on disk. */
bool eg_cluster_state_failed(const struct eg_cluster_state *s, const char *name);
int eg_cluster_state_fail(const struct eg_cluster_state *s, const char *name, bool failed,
    struct eg_error *e);

#endif
