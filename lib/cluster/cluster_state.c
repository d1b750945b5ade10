/* SPDX-License-Identifier: MIT */
/* The folder beside a cluster file, FILE.state: its identity, and the nodes marked as failed. */
#include "cluster/cluster_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/folder.h"
#include "cluster/cluster.h"

enum { PATH_SIZE = EG_STATE_PATH + 80 };

/* The path of the file that a symbolic link leads to, since the folder stands beside that file.
 * *own is a copy that the caller frees, or NULL. */
static int
resolve_path(const char *path, char **own, struct eg_error *e)
{
	struct stat st;

	*own = NULL;
	if (lstat(path, &st) != 0 || !S_ISLNK(st.st_mode))
		return 0;
	*own = realpath(path, NULL);
	return *own != NULL ? 0
	    : eg_fail(e, eg_status_of(errno), "cannot follow the link '%s': %s", path, strerror(errno));
}

/* An older version created the folder beside the link. That folder may hold hints, so its
 * existence is an error. */
static int
check_link(const char *path, const char *dir, struct eg_error *e)
{
	char old[EG_STATE_PATH];
	struct stat a, b;

	snprintf(old, sizeof(old), "%s.state", path);
	if (stat(old, &a) != 0 || (stat(dir, &b) == 0 && eg_same_file(&a, &b)))
		return 0;
	return eg_fail(e, EG_CONFIG, "'%s' is a link, and the state of its cluster is '%s': "
	    "move '%s' there, or remove it", path, dir, old);
}

static int
make_folder(struct eg_cluster_state *s, struct eg_error *e)
{
	if (mkdir(s->dir, 0777) == 0) {
		if (eg_folder_sync(s->dir, e) != 0)
			return -1;
	} else if (errno != EEXIST)
		return eg_fail(e, EG_LOCAL_IO, "cannot make the folder '%s': %s", s->dir,
		    strerror(errno));
	if (stat(s->dir, &s->made) != 0 || !S_ISDIR(s->made.st_mode))
		return eg_fail(e, EG_LOCAL_IO, "'%s' is not a folder", s->dir);
	return 0;
}

int
eg_cluster_state_open(struct eg_cluster_state *s, const struct eg_cluster *c, struct eg_error *e)
{
	char *own;
	int n, rc;

	*s = EG_CLUSTER_STATE_INIT;
	if (resolve_path(c->path, &own, e) != 0)
		return -1;
	s->file = open(c->path, O_RDONLY | O_CLOEXEC);
	n = snprintf(s->dir, sizeof(s->dir), "%s.state", own != NULL ? own : c->path);
	if (s->file < 0)
		rc = eg_fail(e, eg_status_of(errno), "cannot open '%s': %s", c->path, strerror(errno));
	else if (n < 0 || (size_t)n >= sizeof(s->dir))
		rc = eg_fail(e, EG_CONFIG, "the path of the cluster file is too long");
	else
		rc = own != NULL ? check_link(c->path, s->dir, e) : 0;
	free(own);
	if (rc == 0 && make_folder(s, e) == 0)
		return 0;
	eg_cluster_state_close(s);
	return -1;
}

void
eg_cluster_state_close(struct eg_cluster_state *s)
{
	int *const fds[] = { &s->lock, &s->commands, &s->file };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

int
eg_cluster_state_sync(const struct eg_cluster_state *s, struct eg_error *e)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/lock", s->dir);
	return eg_folder_sync(path, e) != 0 ? -1 : eg_folder_sync(s->dir, e);
}

bool
eg_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether path still leads to the open file. */
static bool
still_at(const char *path, int fd)
{
	struct stat open, named;

	return fd < 0 ||
	    (fstat(fd, &open) == 0 && stat(path, &named) == 0 && eg_same_file(&open, &named));
}

int
eg_cluster_state_check(const struct eg_cluster_state *s, struct eg_error *e)
{
	char path[PATH_SIZE];
	struct stat now;

	if (stat(s->dir, &now) != 0 || !eg_same_file(&s->made, &now))
		return eg_fail(e, EG_LOCAL_IO, "'%s' has been removed or replaced", s->dir);
	snprintf(path, sizeof(path), "%s/lock", s->dir);
	if (!still_at(path, s->lock) || !still_at(path, s->commands))
		return eg_fail(e, EG_LOCAL_IO, "'%s' has been removed or replaced", path);
	return 0;
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

/* Creates or removes the mark; on disk when this returns 0. */
int
eg_cluster_state_fail(const struct eg_cluster_state *s, const char *name, bool failed,
    struct eg_error *e)
{
	char path[PATH_SIZE];
	int fd = -1;

	mark_of(s, name, path);
	if (!failed && unlink(path) != 0 && errno != ENOENT)
		return eg_fail(e, EG_LOCAL_IO, "cannot remove '%s': %s", path, strerror(errno));
	if (failed) {
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
		if (fd < 0 || eg_file_sync(fd) != 0)
			eg_fail(e, EG_LOCAL_IO, "cannot make '%s': %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return e->status == EG_OK ? eg_cluster_state_sync(s, e) : -1;
}
