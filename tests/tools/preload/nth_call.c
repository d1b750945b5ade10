/* SPDX-License-Identifier: MIT */
/* One call to the disk that fails, or at which the program dies, by LD_PRELOAD.
 *
 * The calls that change files below the folder EG_NTH_DIR, or that open one there, are counted
 * in each process of the program EG_NTH_PROGRAM (its short name), from 1. With EG_NTH_LOG they
 * are appended to that file, a line `NAME PATH` each. EG_NTH_AT is `N FAULT`: what becomes of
 * call N in the first process that reaches it (the file EG_NTH_LOG.hit is made then):
 *
 *	enospc, eio, eintr   it fails so, and does nothing
 *	full                 from it on, all calls that need room fail with ENOSPC for a second
 *	short                a write takes half; another call fails with EINTR
 *	kill, killed         the program is killed before it, or after it */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "preload.h"

enum { FULL_S = 1 };

static unsigned long calls;
static time_t full_since;

enum what { PASS, FAIL, HALF, DIE_AFTER };

/* Whether the environment names this program, and the call's file is below the folder. */
static bool
watched(const char *path, char out[PATH_MAX])
{
	const char *dir = getenv("EG_NTH_DIR"), *program = getenv("EG_NTH_PROGRAM");
	char cwd[PATH_MAX];

	if (dir == NULL || program == NULL || strcmp(program, program_invocation_short_name) != 0)
		return false;
	if (*path == '/' || getcwd(cwd, sizeof(cwd)) == NULL)
		snprintf(out, PATH_MAX, "%s", path);
	else if (snprintf(out, PATH_MAX, "%s/%s", cwd, path) >= PATH_MAX)
		return false;
	return strncmp(out, dir, strlen(dir)) == 0;
}

static void
note(const char *end, int flags, const char *text)
{
	const char *log = getenv("EG_NTH_LOG");
	char path[PATH_MAX];
	long fd;

	if (log == NULL || snprintf(path, sizeof(path), "%s%s", log, end) >= (int)sizeof(path))
		return;
	fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	if (fd < 0)
		return;
	syscall(SYS_write, fd, text, strlen(text));
	syscall(SYS_close, fd);
}

static bool
was_hit(void)
{
	const char *log = getenv("EG_NTH_LOG");
	char path[PATH_MAX];

	return log != NULL && snprintf(path, sizeof(path), "%s.hit", log) < (int)sizeof(path) &&
	    syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

static enum what
fail_with(int error)
{
	errno = error;
	return FAIL;
}

static enum what
apply(const char *fault, bool room, bool writes)
{
	if (strcmp(fault, "kill") == 0)
		syscall(SYS_kill, getpid(), SIGKILL);
	if (strcmp(fault, "killed") == 0)
		return DIE_AFTER;
	if (strcmp(fault, "eio") == 0)
		return fail_with(EIO);
	if (strcmp(fault, "eintr") == 0 || (strcmp(fault, "short") == 0 && !writes))
		return fail_with(EINTR);
	if (strcmp(fault, "short") == 0)
		return HALF;
	if (strcmp(fault, "full") == 0)
		full_since = time(NULL);
	return strcmp(fault, "full") != 0 || room ? fail_with(ENOSPC) : PASS;
}

/* Counts a call. room: whether it needs room on the disk; writes: it may do half of its work. */
static enum what
count(const char *name, const char *path, bool room, bool writes)
{
	const char *at = getenv("EG_NTH_AT");
	char line[PATH_MAX + 32], fault[16] = "";
	unsigned long n = 0;
	int kept = errno;

	if (full_since != 0 && time(NULL) - full_since <= FULL_S && room)
		return fail_with(ENOSPC);
	calls++;
	snprintf(line, sizeof(line), "%s %s\n", name, path);
	if (at == NULL)
		note("", O_APPEND, line);
	errno = kept;
	if (at == NULL || sscanf(at, "%lu %15s", &n, fault) != 2 || n != calls || was_hit())
		return PASS;
	note(".hit", 0, line);
	errno = kept;
	return apply(fault, room, writes);
}

static enum what
count_fd(const char *name, int fd, bool room, bool writes)
{
	char link[PATH_MAX], path[PATH_MAX];
	int kept = errno;
	bool ours = path_of(fd, link) && watched(link, path);

	errno = kept;
	return ours ? count(name, path, room, writes) : PASS;
}

static enum what
count_path(const char *name, const char *path, bool room)
{
	char whole[PATH_MAX];
	int kept = errno;
	bool ours = watched(path, whole);

	errno = kept;
	return ours ? count(name, whole, room, false) : PASS;
}

static void
die_after(enum what w)
{
	if (w == DIE_AFTER)
		syscall(SYS_kill, getpid(), SIGKILL);
}

#define CALL(type, counted, call) do { \
	enum what w_ = (counted); \
	type rc_ = w_ == FAIL ? -1 : (call); \
	die_after(w_); \
	return rc_; \
} while (0)

#define WRITE(name, fd, n, call_n) do { \
	enum what w_ = count_fd(name, fd, true, true); \
	size_t n_ = w_ == HALF ? ((n) + 1) / 2 : (n); \
	ssize_t rc_ = w_ == FAIL ? -1 : (call_n); \
	die_after(w_); \
	return rc_; \
} while (0)

ssize_t
write(int fd, const void *data, size_t n)
{
	WRITE("write", fd, n, NEXT(write)(fd, data, n_));
}

ssize_t
pwrite(int fd, const void *data, size_t n, off_t at)
{
	WRITE("pwrite", fd, n, NEXT(pwrite)(fd, data, n_, at));
}

ssize_t
pwrite64(int fd, const void *data, size_t n, off64_t at)
{
	WRITE("pwrite", fd, n, NEXT(pwrite64)(fd, data, n_, at));
}

int
fsync(int fd)
{
	CALL(int, count_fd("fsync", fd, true, false), NEXT(fsync)(fd));
}

int
fdatasync(int fd)
{
	CALL(int, count_fd("fdatasync", fd, true, false), NEXT(fdatasync)(fd));
}

int
ftruncate(int fd, off_t size)
{
	CALL(int, count_fd("ftruncate", fd, true, false), NEXT(ftruncate)(fd, size));
}

int
ftruncate64(int fd, off64_t size)
{
	CALL(int, count_fd("ftruncate", fd, true, false), NEXT(ftruncate64)(fd, size));
}

int
rename(const char *from, const char *to)
{
	CALL(int, count_path("rename", to, true), NEXT(rename)(from, to));
}

int
unlink(const char *path)
{
	CALL(int, count_path("unlink", path, false), NEXT(unlink)(path));
}

int
mkdir(const char *path, mode_t mode)
{
	CALL(int, count_path("mkdir", path, true), NEXT(mkdir)(path, mode));
}

DEFINE_OPEN(open, CALL(int, count_path("open", path, (flags & O_CREAT) != 0),
    NEXT(open)(path, flags, mode)))
DEFINE_OPEN(open64, CALL(int, count_path("open", path, (flags & O_CREAT) != 0),
    NEXT(open64)(path, flags, mode)))

int
__open_2(const char *path, int flags)
{
	CALL(int, count_path("open", path, false), NEXT(__open_2)(path, flags));
}

int
__open64_2(const char *path, int flags)
{
	CALL(int, count_path("open", path, false), NEXT(__open64_2)(path, flags));
}

FILE *
fopen(const char *path, const char *mode)
{
	enum what w = count_path("fopen", path, strpbrk(mode, "wa+") != NULL);
	FILE *f = w == FAIL ? NULL : NEXT(fopen)(path, mode);

	die_after(w);
	return f;
}
