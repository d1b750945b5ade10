/* SPDX-License-Identifier: MIT */
/* A disk, a clock, a name service and a kill(2) that fail, by LD_PRELOAD.
 *
 * Files in the folder EG_FAULTS switch faults on and off while a program runs:
 *
 *	clock    CLOCK_REALTIME is off by the number of seconds in it
 *	dns      no name is resolved (EAI_AGAIN)
 *	eio, enospc, erofs
 *	         writes, syncs and new files fail so, below EG_FAULTS_DISK
 *	part     the next write takes half, the one after it fails with ENOSPC, and then the
 *	         disk is well again, below EG_FAULTS_DISK
 *	slow     a sync takes as many milliseconds as it says, below EG_FAULTS_DISK
 *	undying  SIGKILL does nothing, as to a process in uninterruptible sleep
 *	held     a sync begins when the file is removed, below EG_FAULTS_DISK
 *
 * A fault that has done something leaves a file NAME.hit there. */
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

#include "preload.h"

/* Leaves the trace of a fault whose file is path. */
static void
note_hit(const char *path)
{
	char hit[PATH_MAX];
	int kept = errno;
	long fd;

	if (snprintf(hit, sizeof(hit), "%s.hit", path) < (int)sizeof(hit)) {
		fd = syscall(SYS_openat, AT_FDCWD, hit, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0)
			syscall(SYS_close, fd);
	}
	errno = kept;
}

/* The value of a fault's file; false when it is off. */
static bool
fault(const char *name, long *value)
{
	const char *dir = getenv("EG_FAULTS");
	char path[PATH_MAX], text[32] = "";
	long fd;
	ssize_t n;

	if (dir == NULL || snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return false;
	/* Not through our own open(2). */
	fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = syscall(SYS_read, fd, text, sizeof(text) - 1);
	syscall(SYS_close, fd);
	if (n > 0)
		*value = strtol(text, NULL, 10);
	note_hit(path);
	return true;
}

static bool
below(const char *path)
{
	const char *disk = getenv("EG_FAULTS_DISK");

	return disk != NULL && strncmp(path, disk, strlen(disk)) == 0;
}

/* Whether fd is a file on the bad disk. */
static bool
bad_disk(int fd)
{
	char path[PATH_MAX];

	return path_of(fd, path) && below(path);
}

/* Sets errno as the disk's fault says; false when it has none. */
static bool
disk_fails(void)
{
	static const struct { const char *name; int number; } faults[] = {
		{ "eio", EIO }, { "enospc", ENOSPC }, { "erofs", EROFS } };
	int kept = errno;
	long unused;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (fault(faults[i].name, &unused)) {
			errno = faults[i].number;
			return true;
		}
	errno = kept;
	return false;
}

/* Whether this write is one of the two that the fault "part" is about; *n is what it
 * takes, 0 when it fails. */
static bool
partly(int fd, size_t *n)
{
	static int writes;
	int kept = errno;
	long unused;
	bool on = bad_disk(fd) && fault("part", &unused) && writes < 2;

	errno = on && writes == 1 ? ENOSPC : kept;
	if (on)
		*n = writes++ == 0 ? *n / 2 : 0;
	return on;
}

ssize_t
write(int fd, const void *data, size_t n)
{
	if (partly(fd, &n))
		return n > 0 ? NEXT(write)(fd, data, n) : -1;
	return bad_disk(fd) && disk_fails() ? -1 : NEXT(write)(fd, data, n);
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	return bad_disk(fd) && disk_fails() ? -1 : NEXT(writev)(fd, iov, n);
}

ssize_t
pwrite(int fd, const void *data, size_t n, off_t at)
{
	return bad_disk(fd) && disk_fails() ? -1 : NEXT(pwrite)(fd, data, n, at);
}

ssize_t
pwrite64(int fd, const void *data, size_t n, off64_t at)
{
	return bad_disk(fd) && disk_fails() ? -1 : NEXT(pwrite64)(fd, data, n, at);
}

static int
sync_with(int (*next)(int), int fd)
{
	long ms = 0;

	if (!bad_disk(fd))
		return next(fd);
	if (disk_fails())
		return -1;
	if (fault("slow", &ms)) {
		struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };

		nanosleep(&pause, NULL);
	}
	while (fault("held", &ms)) {
		struct timespec pause = { 0, 10000000 };

		nanosleep(&pause, NULL);
	}
	return next(fd);
}

int
fsync(int fd)
{
	return sync_with(NEXT(fsync), fd);
}

int
fdatasync(int fd)
{
	return sync_with(NEXT(fdatasync), fd);
}

int
rename(const char *from, const char *to)
{
	return below(to) && disk_fails() ? -1 : NEXT(rename)(from, to);
}

static bool
open_fails(const char *path, int flags)
{
	return (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0 && below(path) && disk_fails();
}

DEFINE_OPEN(open, return open_fails(path, flags) ? -1 : NEXT(open)(path, flags, mode))
DEFINE_OPEN(open64, return open_fails(path, flags) ? -1 : NEXT(open64)(path, flags, mode))

int
__open_2(const char *path, int flags)
{
	return open_fails(path, flags) ? -1 : NEXT(__open_2)(path, flags);
}

int
__open64_2(const char *path, int flags)
{
	return open_fails(path, flags) ? -1 : NEXT(__open64_2)(path, flags);
}

FILE *
fopen(const char *path, const char *mode)
{
	bool writes = strpbrk(mode, "wa+") != NULL;

	return writes && below(path) && disk_fails() ? NULL : NEXT(fopen)(path, mode);
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int rc = NEXT(clock_gettime)(clock, ts);
	long off = 0;

	if (rc == 0 && clock == CLOCK_REALTIME && fault("clock", &off))
		ts->tv_sec += off;
	return rc;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	int rc = NEXT(gettimeofday)(tv, zone);
	long off = 0;

	if (rc == 0 && fault("clock", &off))
		tv->tv_sec += off;
	return rc;
}

time_t
time(time_t *out)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (out != NULL)
		*out = ts.tv_sec;
	return ts.tv_sec;
}

int
getaddrinfo(const char *restrict name, const char *restrict service,
    const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
	long unused;

	if (fault("dns", &unused))
		return EAI_AGAIN;
	return NEXT(getaddrinfo)(name, service, hints, out);
}

int
kill(pid_t pid, int sig)
{
	long value = 0;

	return sig == SIGKILL && fault("undying", &value) ? 0 : NEXT(kill)(pid, sig);
}
