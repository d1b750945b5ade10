/* SPDX-License-Identifier: MIT */
#include "import/input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/stop.h"
#include "base/wait.h"

static int
wait_alone(void *ctx, int fd, struct eg_error *e)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN }, eg_stop_pollfd() };

	(void)ctx;
	(void)e;
	(void)eg_wait_fds(p, 2, INT64_MAX);
	eg_stop_polled(&p[1]);
	return 0;
}

int
eg_import_input(int fd, char *to, size_t room, size_t *got, const struct eg_import_wait *w,
    struct eg_error *e)
{
	static const struct eg_import_wait alone = { NULL, wait_alone };
	ssize_t n = -1;

	if (w == NULL)
		w = &alone;
	*got = 0;
	while (n < 0) {
		if (eg_stop_asked() > 0)
			return 1;
		if (eg_wait_revents(fd, POLLIN) == 0) {
			if (w->wait(w->ctx, fd, e) != 0)
				return -1;
			continue;
		}
		n = read(fd, to, room);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return eg_fail(e, EG_LOCAL_IO, "cannot read: %s", strerror(errno));
	}
	*got = (size_t)n;
	return 0;
}
