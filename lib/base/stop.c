/* SPDX-License-Identifier: MIT */
/* Counts signals, and wakes poll(2) through a pipe. */
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"

/* A second signal within this time is the same one: timeout(1) signals its child and then the
 * process group, so the child is signalled twice. */
enum { SAME_MS = 500 };

static volatile sig_atomic_t asked, usr1;
static int64_t counted_ms; /* time of the last counted signal; set by the handler */
static int wake[2] = { -1, -1 };

/* The handler. clock_gettime(2), which eg_mono_ms calls, is safe in a handler. */
static void
count_signal(void)
{
	int64_t now = eg_mono_ms();

	if (asked > 0 && now - counted_ms < SAME_MS)
		return;
	counted_ms = now;
	asked = asked + 1;
}

static void
on_signal(int sig)
{
	int saved = errno;

	if (sig == SIGUSR1)
		usr1 = 1;
	else
		count_signal();
	/* If the pipe is full, poll(2) wakes all the same. */
	if (write(wake[1], "", 1) < 0)
		errno = saved;
	errno = saved;
}

int
eg_stop_install(struct eg_error *e)
{
	struct sigaction sa;

	if (wake[0] >= 0)
		return 0;
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		return eg_fail(e, EG_BUG, "cannot make a pipe: %s", strerror(errno));
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	/* Blocks the other signal, so that two calls of count_signal() never overlap. */
	sigaddset(&sa.sa_mask, SIGTERM);
	sigaddset(&sa.sa_mask, SIGINT);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	return 0;
}

int
eg_stop_asked(void)
{
	return asked;
}

bool
eg_stop_usr1(void)
{
	if (!usr1)
		return false;
	usr1 = 0;
	return true;
}

struct pollfd
eg_stop_pollfd(void)
{
	return (struct pollfd){ .fd = wake[0], .events = POLLIN };
}

void
eg_stop_polled(const struct pollfd *p)
{
	char bytes[64];

	while (p->revents != 0 && read(wake[0], bytes, sizeof(bytes)) > 0)
		continue;
}
