/* SPDX-License-Identifier: MIT */
/* What stands before the C library has in common: the next function of a name, the path of a
 * descriptor, and open(2) by its names. */
#ifndef PRELOAD_H
#define PRELOAD_H

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

/* What open(2) becomes with _FORTIFY_SOURCE. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);

/* errno stays as it is. */
static inline bool
path_of(int fd, char out[PATH_MAX])
{
	char link[64];
	ssize_t n;
	int kept = errno;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, out, PATH_MAX - 1);
	out[n > 0 ? n : 0] = '\0';
	errno = kept;
	return n > 0;
}

/* There is a third argument with some flags only. */
static inline mode_t
mode_of(int flags, va_list ap)
{
	return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;
}

/* Defines open(2) under this name, by a statement that returns and may use path, flags and mode. */
#define DEFINE_OPEN(name, statement) \
int \
name(const char *path, int flags, ...) \
{ \
	va_list ap; \
	mode_t mode; \
\
	va_start(ap, flags); \
	mode = mode_of(flags, ap); \
	va_end(ap); \
	statement; \
}

#endif
