/* SPDX-License-Identifier: MIT */
/* Claims on a cluster, as locks on bytes of a file in its state folder. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/stop.h"
#include "base/wait.h"
#include "cluster/cluster.h"
#include "cluster/cluster_state.h"

enum { PATH_SIZE = EG_STATE_PATH + 80, POLL_MS = 100 };
#define FILE_BYTE (INT64_C(1) << 60)

static bool
of_commands(enum eg_claim what)
{
	return what == EG_CLAIM_STAGE_COMMANDS || what == EG_CLAIM_REPAIR_COMMANDS;
}

/* Each claim is a lock on one byte. The kernel releases it when the last process that has
 * the descriptor has closed it. */
static int
lock_claim(struct eg_cluster_state *s, enum eg_claim what, int cmd, struct flock *fl,
    struct eg_error *e)
{
	int *fd = cmd == F_OFD_SETLK && of_commands(what) ? &s->commands : &s->lock;
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/lock", s->dir);
	if (*fd < 0)
		*fd = open(path, O_RDWR | O_CREAT | (fd == &s->lock ? O_CLOEXEC : 0), 0666);
	if (*fd < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot open '%s': %s", path, strerror(errno));
	if (fcntl(*fd, cmd, fl) == 0)
		return 1;
	if (errno == EAGAIN || errno == EACCES || errno == EINTR)
		return 0;
	return eg_fail(e, EG_LOCAL_IO, "cannot lock '%s': %s", path, strerror(errno));
}

static struct flock
byte_of(enum eg_claim what, short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)what,
		.l_len = 1 };
}

/* Locks a byte far behind the end of the cluster file. All hard links lead to the same file, so
 * this also excludes processes that use another link. It is a read lock, since the file may be
 * read-only. Read locks do not exclude each other, so check for other locks before and after. If
 * the file system has no locks, only the lock in the state folder counts. */
static int
claim_file(const struct eg_cluster_state *s)
{
	struct flock mine = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = FILE_BYTE,
	    .l_len = 1 };

	for (int i = 0; i < 2; i++) {
		struct flock other = mine;

		other.l_type = F_WRLCK;
		if (fcntl(s->file, F_OFD_GETLK, &other) == 0 && other.l_type != F_UNLCK)
			break;
		if (i == 1)
			return 1;
		if (fcntl(s->file, F_OFD_SETLK, &mine) != 0)
			return 1;
	}
	mine.l_type = F_UNLCK;
	(void)fcntl(s->file, F_OFD_SETLK, &mine);
	return 0;
}

int
eg_cluster_state_claim(struct eg_cluster_state *s, enum eg_claim what, struct eg_error *e)
{
	struct flock fl = byte_of(what, F_WRLCK);
	int rc = lock_claim(s, what, F_OFD_SETLK, &fl, e);

	/* The lock file may have been removed after we opened it. */
	if (rc > 0 && eg_cluster_state_check(s, e) != 0)
		return -1;
	if (rc > 0 && what == EG_CLAIM_STAGE && (rc = claim_file(s)) == 0)
		eg_cluster_state_waive(s, what);
	return rc;
}

void
eg_cluster_state_waive(struct eg_cluster_state *s, enum eg_claim what)
{
	struct flock fl = byte_of(what, F_UNLCK);
	struct eg_error e = { 0 };

	(void)lock_claim(s, what, F_OFD_SETLK, &fl, &e);
}

int
eg_cluster_state_claimed(struct eg_cluster_state *s, enum eg_claim what, struct eg_error *e)
{
	struct flock fl = byte_of(what, F_WRLCK);

	return lock_claim(s, what, F_OFD_GETLK, &fl, e) < 0 ? -1 : fl.l_type != F_UNLCK;
}

/* Waits POLL_MS. Reports the reason once. Returns 0 to try again. */
static int
pause_for(int64_t begin, int64_t timeout_ms, bool *warned, const char *what, struct eg_error *e)
{
	if (!*warned)
		eg_warn("%s; waiting for it", what);
	*warned = true;
	if (timeout_ms > 0 && eg_mono_ms() - begin >= timeout_ms)
		return eg_fail(e, EG_TEMPORARY, "gave up waiting: %s", what);
	if (eg_stop_asked() > 0)
		return eg_fail(e, EG_TEMPORARY, "ended by a signal");
	eg_wait_ms(POLL_MS);
	return 0;
}

/* Takes the claim for the commands that we are going to run. */
static int
wait_commands(struct eg_cluster_state *s, enum eg_claim what, int64_t node_timeout_ms,
    struct eg_error *e)
{
	int64_t begin = eg_mono_ms();
	bool warned = false;
	int rc;

	while ((rc = eg_cluster_state_claim(s, what, e)) == 0) {
		if (eg_mono_ms() - begin >= node_timeout_ms) {
			eg_warn("commands of an eg-replicate that was killed do not end; not waiting longer");
			return 0;
		}
		if (pause_for(begin, 0, &warned, "commands of an eg-replicate that was killed still run",
		    e) != 0)
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

int
eg_cluster_state_wait(struct eg_cluster_state *s, int64_t timeout_ms, int64_t node_timeout_ms,
    struct eg_error *e)
{
	int64_t begin = eg_mono_ms();
	bool warned = false;
	int rc;

	while ((rc = eg_cluster_state_claim(s, EG_CLAIM_STAGE, e)) == 0)
		if (pause_for(begin, timeout_ms, &warned, "another eg-replicate runs on this cluster",
		    e) != 0)
			return -1;
	if (rc < 0 || wait_commands(s, EG_CLAIM_STAGE_COMMANDS, node_timeout_ms, e) != 0)
		return -1;
	return eg_cluster_state_sync(s, e);
}

/* Waits until there is no stage or the stage has paused. */
static int
wait_stage(struct eg_cluster_state *s, int64_t begin, int64_t timeout_ms, bool *paused,
    struct eg_error *e)
{
	bool warned = false;
	int rc;

	*paused = false;
	while ((rc = eg_cluster_state_claim(s, EG_CLAIM_STAGE, e)) == 0) {
		rc = eg_cluster_state_claimed(s, EG_CLAIM_PAUSE, e);
		*paused = rc > 0;
		if (rc != 0)
			break;
		if (pause_for(begin, timeout_ms, &warned, "a stage that runs on this cluster has to pause",
		    e) != 0)
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

int
eg_cluster_state_wait_repair(struct eg_cluster_state *s, int64_t timeout_ms,
    int64_t node_timeout_ms, bool *paused, struct eg_error *e)
{
	int64_t begin = eg_mono_ms();
	bool warned = false;
	int rc;

	while ((rc = eg_cluster_state_claim(s, EG_CLAIM_REPAIR, e)) == 0)
		if (pause_for(begin, timeout_ms, &warned, "another repair of this cluster runs", e) != 0)
			return -1;
	warned = false;
	while (rc > 0 && (rc = eg_cluster_state_claimed(s, EG_CLAIM_DELETE, e)) != 0)
		if (pause_for(begin, timeout_ms, &warned, "something is deleted from this cluster", e) != 0)
			return -1;
	if (rc < 0 || wait_stage(s, begin, timeout_ms, paused, e) != 0)
		return -1;
	/* If there is no stage, its commands may still run: wait for them, and take their claim. */
	if (!*paused && wait_commands(s, EG_CLAIM_STAGE_COMMANDS, node_timeout_ms, e) != 0)
		return -1;
	return wait_commands(s, EG_CLAIM_REPAIR_COMMANDS, node_timeout_ms, e) == 0
	    ? eg_cluster_state_sync(s, e) : -1;
}

int
eg_cluster_state_wait_delete(struct eg_cluster_state *s, int64_t timeout_ms, struct eg_error *e)
{
	int64_t begin = eg_mono_ms();
	bool warned = false;
	int rc, repair = 0;

	while ((rc = eg_cluster_state_claim(s, EG_CLAIM_DELETE, e)) >= 0) {
		if (rc > 0 && (repair = eg_cluster_state_claimed(s, EG_CLAIM_REPAIR, e)) <= 0)
			return repair == 0 ? eg_cluster_state_sync(s, e) : -1;
		/* Release it while we wait for a repair, since the repair waits for this claim. */
		if (rc > 0)
			eg_cluster_state_waive(s, EG_CLAIM_DELETE);
		if (pause_for(begin, timeout_ms, &warned, rc > 0 ? "a repair of this cluster runs"
			: "something else is deleted from this cluster", e) != 0)
			return -1;
	}
	return -1;
}
