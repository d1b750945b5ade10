/* SPDX-License-Identifier: MIT */
#include "import/input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/stop.h"
#include "base/wait.h"

int
eg_import_input(int fd, char *to, size_t room, size_t *got, struct eg_error *e)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN }, eg_stop_pollfd() };
	ssize_t n = -1;

	while (n < 0) {
		if (eg_stop_asked() > 0) {
			n = 0;
			break;
		}
		if (!eg_wait_fds(p, 2, INT64_MAX) || p[0].revents == 0)
			continue;
		n = read(fd, to, room);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return eg_fail(e, EG_LOCAL_IO, "cannot read: %s", strerror(errno));
	}
	*got = (size_t)n;
	return 0;
}
