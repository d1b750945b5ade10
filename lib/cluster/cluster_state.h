/* SPDX-License-Identifier: MIT */
/* The folder beside a cluster file, FILE.state: locks between processes, and the nodes that the
 * user has marked as failed. */
#ifndef EG_CLUSTER_STATE_H
#define EG_CLUSTER_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct eg_cluster;
struct eg_error;

enum { EG_STATE_PATH = 4096 };

/* The ends of the names of a cluster's files, for eg_options_own. */
#define EG_CLUSTER_ENDS ((const char *const[]){ "", ".state", ".state/lock", ".state/order", \
	".state/hints.db", ".state/hints.db-wal", ".state/hints.db-shm", NULL })

struct eg_cluster_state {
	char dir[EG_STATE_PATH]; /* path of the folder */
	struct stat made;        /* stat(2) of the folder when it was opened */
	int file;     /* descriptor of the cluster file; -1: none, also for lock and commands */
	int lock;     /* descriptor of the lock file */
	int commands; /* second descriptor of the lock file, inherited by the commands that we
		       * run */
};

#define EG_CLUSTER_STATE_INIT ((struct eg_cluster_state){ .file = -1, .lock = -1, .commands = -1 })

/* Claims: locks that one process at a time can hold. They are for: being the stage; repairing; a
 * stage that is paused for a repair; deleting. They prevent two writers from bringing two
 * records of one key to a node in different orders. The commands of a process that was killed
 * could still do so. Therefore the commands have claims of their own, held until the last
 * command has ended. */
enum eg_claim {
	EG_CLAIM_STAGE,
	EG_CLAIM_REPAIR,
	EG_CLAIM_PAUSE,
	EG_CLAIM_STAGE_COMMANDS,
	EG_CLAIM_REPAIR_COMMANDS,
	EG_CLAIM_DELETE,
};

/* Opens the folder; creates it and syncs it to disk if it does not exist. If the cluster file is
 * a symbolic link, the folder stands beside the file that it leads to. -1 with *e; then there is
 * nothing to close. */
int eg_cluster_state_open(struct eg_cluster_state *s, const struct eg_cluster *c,
    struct eg_error *e);
void eg_cluster_state_close(struct eg_cluster_state *s);

/* Syncs the folder and its entry in the parent: files created in it are on disk afterwards. */
int eg_cluster_state_sync(const struct eg_cluster_state *s, struct eg_error *e);

/* Checks that the paths still lead to the same folder and (if opened) the same lock file. -1
 * with *e (EG_LOCAL_IO) if not: other processes would then not see our claims. */
int eg_cluster_state_check(const struct eg_cluster_state *s, struct eg_error *e);

bool eg_same_file(const struct stat *a, const struct stat *b);

/* Takes a claim. Returns 1 if this process now holds it, 0 if another process holds it, -1 with
 * *e. The claim of the stage also excludes processes that use the cluster file by another hard
 * link. */
int eg_cluster_state_claim(struct eg_cluster_state *s, enum eg_claim what, struct eg_error *e);
void eg_cluster_state_waive(struct eg_cluster_state *s, enum eg_claim what);

/* Whether another process holds the claim: 1, 0, or -1 with *e. */
int eg_cluster_state_claimed(struct eg_cluster_state *s, enum eg_claim what, struct eg_error *e);

/* Waits, with a warning, until this process holds the claim of the stage (timeout_ms 0: no
 * limit). Then waits for the commands of a stage that was killed, for at most node_timeout_ms. */
int eg_cluster_state_wait(struct eg_cluster_state *s, int64_t timeout_ms, int64_t node_timeout_ms,
    struct eg_error *e);

/* Waits, as eg_cluster_state_wait does, until a repair may begin: no other repair and no
 * deletion runs, and there is no stage or it has paused (sets *paused). Holds the claim of the
 * repair until eg_cluster_state_close. */
int eg_cluster_state_wait_repair(struct eg_cluster_state *s, int64_t timeout_ms,
    int64_t node_timeout_ms, bool *paused, struct eg_error *e);

/* Waits until no repair and no other deletion runs, then holds the claim of the deletion until
 * eg_cluster_state_close. Otherwise a repair could copy a record back while it is being deleted. */
int eg_cluster_state_wait_delete(struct eg_cluster_state *s, int64_t timeout_ms,
    struct eg_error *e);

/* eg_cluster_state_failed: whether the user has marked the node with this name as failed.
 * eg_cluster_state_fail sets or removes that mark, on disk. */
bool eg_cluster_state_failed(const struct eg_cluster_state *s, const char *name);
int eg_cluster_state_fail(const struct eg_cluster_state *s, const char *name, bool failed,
    struct eg_error *e);

#endif
