/* SPDX-License-Identifier: MIT */
/* What is kept beside a cluster file, in FILE.state: locks, and nodes failed by hand. */
#include "cluster/cluster_state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/stop.h"
#include "cluster/cluster.h"

enum { PATH_SIZE = 4096 + 80, LOOK_MS = 100 };

int
eg_cluster_state_open(struct eg_cluster_state *s, const struct eg_cluster *c, struct eg_error *e)
{
	int n = snprintf(s->dir, sizeof(s->dir), "%s.state", c->path);

	s->lock = s->commands = -1;
	if (n < 0 || (size_t)n >= sizeof(s->dir))
		return eg_fail(e, EG_CONFIG, "the path of the cluster file is too long");
	if (mkdir(s->dir, 0777) != 0 && errno != EEXIST)
		return eg_fail(e, EG_LOCAL_IO, "cannot make the folder '%s': %s", s->dir,
		    strerror(errno));
	return 0;
}

void
eg_cluster_state_close(struct eg_cluster_state *s)
{
	if (s->lock >= 0)
		close(s->lock);
	if (s->commands >= 0)
		close(s->commands);
	s->lock = s->commands = -1;
}

static bool
of_commands(enum eg_claim what)
{
	return what == EG_CLAIM_STAGE_COMMANDS || what == EG_CLAIM_REPAIR_COMMANDS;
}

/* A lock of the open file: gone when the last process has closed it. A byte a claim. */
static int
lock(struct eg_cluster_state *s, enum eg_claim what, int cmd, struct flock *fl, struct eg_error *e)
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

int
eg_cluster_state_claim(struct eg_cluster_state *s, enum eg_claim what, struct eg_error *e)
{
	struct flock fl = byte_of(what, F_WRLCK);

	return lock(s, what, F_OFD_SETLK, &fl, e);
}

void
eg_cluster_state_waive(struct eg_cluster_state *s, enum eg_claim what)
{
	struct flock fl = byte_of(what, F_UNLCK);
	struct eg_error e = { 0 };

	(void)lock(s, what, F_OFD_SETLK, &fl, &e);
}

int
eg_cluster_state_claimed(struct eg_cluster_state *s, enum eg_claim what, struct eg_error *e)
{
	struct flock fl = byte_of(what, F_WRLCK);

	return lock(s, what, F_OFD_GETLK, &fl, e) < 0 ? -1 : fl.l_type != F_UNLCK;
}

/* One look a tenth of a second, and word of it once. 0: look again. */
static int
pause_for(int64_t begin, int64_t timeout_ms, bool *told, const char *what, struct eg_error *e)
{
	if (!*told)
		eg_warn("%s; waiting for it", what);
	*told = true;
	if (timeout_ms > 0 && eg_mono_ms() - begin >= timeout_ms)
		return eg_fail(e, EG_TEMPORARY, "gave up waiting: %s", what);
	if (eg_stop_asked() > 0)
		return eg_fail(e, EG_TEMPORARY, "ended by a signal");
	poll(NULL, 0, LOOK_MS);
	return 0;
}

/* Takes the claim of the commands that we are going to run. */
static int
wait_commands(struct eg_cluster_state *s, enum eg_claim what, int64_t node_timeout_ms,
    struct eg_error *e)
{
	int64_t begin = eg_mono_ms();
	bool told = false;
	int rc;

	while ((rc = eg_cluster_state_claim(s, what, e)) == 0) {
		if (eg_mono_ms() - begin >= node_timeout_ms) {
			eg_warn("commands of an eg-replicate that was killed do not end; going on");
			return 0;
		}
		if (pause_for(begin, 0, &told, "commands of an eg-replicate that was killed still run", e) != 0)
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

int
eg_cluster_state_wait(struct eg_cluster_state *s, int64_t timeout_ms, int64_t node_timeout_ms,
    struct eg_error *e)
{
	int64_t begin = eg_mono_ms();
	bool told = false;
	int rc;

	while ((rc = eg_cluster_state_claim(s, EG_CLAIM_STAGE, e)) == 0)
		if (pause_for(begin, timeout_ms, &told, "another eg-replicate runs on this cluster", e) != 0)
			return -1;
	return rc < 0 ? -1 : wait_commands(s, EG_CLAIM_STAGE_COMMANDS, node_timeout_ms, e);
}

/* Until there is no stage, or it pauses. */
static int
wait_stage(struct eg_cluster_state *s, int64_t begin, int64_t timeout_ms, bool *paused,
    struct eg_error *e)
{
	bool told = false;
	int rc;

	*paused = false;
	while ((rc = eg_cluster_state_claim(s, EG_CLAIM_STAGE, e)) == 0) {
		rc = eg_cluster_state_claimed(s, EG_CLAIM_PAUSE, e);
		*paused = rc > 0;
		if (rc != 0)
			break;
		if (pause_for(begin, timeout_ms, &told, "a stage that runs on this cluster has to pause", e) != 0)
			return -1;
	}
	return rc < 0 ? -1 : 0;
}

int
eg_cluster_state_wait_repair(struct eg_cluster_state *s, int64_t timeout_ms,
    int64_t node_timeout_ms, bool *paused, struct eg_error *e)
{
	int64_t begin = eg_mono_ms();
	bool told = false;
	int rc;

	while ((rc = eg_cluster_state_claim(s, EG_CLAIM_REPAIR, e)) == 0)
		if (pause_for(begin, timeout_ms, &told, "another repair of this cluster runs", e) != 0)
			return -1;
	told = false;
	while (rc > 0 && (rc = eg_cluster_state_claimed(s, EG_CLAIM_DELETE, e)) != 0)
		if (pause_for(begin, timeout_ms, &told, "something is deleted from this cluster", e) != 0)
			return -1;
	if (rc < 0 || wait_stage(s, begin, timeout_ms, paused, e) != 0)
		return -1;
	/* Without a stage its claims are ours, too: its commands may have outlived it. */
	if (!*paused && wait_commands(s, EG_CLAIM_STAGE_COMMANDS, node_timeout_ms, e) != 0)
		return -1;
	return wait_commands(s, EG_CLAIM_REPAIR_COMMANDS, node_timeout_ms, e);
}

int
eg_cluster_state_wait_delete(struct eg_cluster_state *s, int64_t timeout_ms, struct eg_error *e)
{
	int64_t begin = eg_mono_ms();
	bool told = false;
	int rc, repair = 0;

	while ((rc = eg_cluster_state_claim(s, EG_CLAIM_DELETE, e)) >= 0) {
		if (rc > 0 && (repair = eg_cluster_state_claimed(s, EG_CLAIM_REPAIR, e)) <= 0)
			return repair;
		/* Not held while we wait for a repair, which waits for us. */
		if (rc > 0)
			eg_cluster_state_waive(s, EG_CLAIM_DELETE);
		if (pause_for(begin, timeout_ms, &told, rc > 0 ? "a repair of this cluster runs"
			: "something else is deleted from this cluster", e) != 0)
			return -1;
	}
	return -1;
}

static void
mark_of(const struct eg_cluster_state *s, const char *name, char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s/failed.%s", s->dir, name);
}

bool
eg_cluster_state_failed(const struct eg_cluster_state *s, const char *name)
{
	char path[PATH_SIZE];

	mark_of(s, name, path);
	return access(path, F_OK) == 0;
}

int
eg_cluster_state_fail(const struct eg_cluster_state *s, const char *name, bool failed,
    struct eg_error *e)
{
	char path[PATH_SIZE];
	int fd;

	mark_of(s, name, path);
	if (!failed && unlink(path) != 0 && errno != ENOENT)
		return eg_fail(e, EG_LOCAL_IO, "cannot remove '%s': %s", path, strerror(errno));
	if (!failed)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || close(fd) != 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot make '%s': %s", path, strerror(errno));
	return 0;
}
