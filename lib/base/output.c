/* SPDX-License-Identifier: MIT */
/* Standard output in a poll loop, without touching flags that neighbours share. */
#include "base/output.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/diag.h"

int
eg_output_open(struct eg_output *o, int fd, struct eg_error *e)
{
	struct stat st;

	*o = (struct eg_output){ .fd = fd };
	if (eg_descriptors_writable(fd, "standard output", e) != 0)
		return -1;
	if (fstat(fd, &st) != 0)
		return eg_fail(e, EG_LOCAL_IO, "standard output: %s", strerror(errno));
	o->piece = !S_ISREG(st.st_mode);
	return 0;
}

ssize_t
eg_output_write(struct eg_output *o, const char *buf, size_t len, struct eg_error *e)
{
	size_t done = 0;
	ssize_t n;

	if (o->piece && len > PIPE_BUF) {
		len = PIPE_BUF;
		while (buf[len - 1] != '\n')
			len--;
	}
	/* A part can be written when a signal comes or the disk fills up: the rest of
	 * its line has to follow. */
	while (done < len) {
		n = write(o->fd, buf + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EPIPE) {
			o->gone = true;
			return 0;
		}
		if (n < 0 && errno == EAGAIN && done == 0)
			return 0;
		if (n < 0 && errno != EAGAIN)
			return eg_fail(e, EG_LOCAL_IO, "cannot write to standard output: %s",
			    strerror(errno));
		if (n > 0)
			done += (size_t)n;
	}
	return (ssize_t)done;
}
