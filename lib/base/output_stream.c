/* SPDX-License-Identifier: MIT */
/* Standard output as a stream of stdio(3). */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/output.h"
#include "base/wait.h"

/* For fopencookie(3), for which a part is a failure. */
static ssize_t
write_all(void *cookie, const char *data, size_t n)
{
	struct pollfd room = { .fd = STDOUT_FILENO, .events = POLLOUT };

	(void)cookie;
	for (size_t at = 0; at < n;) {
		ssize_t some = write(STDOUT_FILENO, data + at, n - at);

		if (some >= 0)
			at += (size_t)some;
		else if (errno == EAGAIN)
			(void)eg_wait_fds(&room, 1, INT64_MAX);
		else if (errno != EINTR)
			return 0;
	}
	return (ssize_t)n;
}

FILE *
eg_output_stream(void)
{
	return fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write_all });
}
