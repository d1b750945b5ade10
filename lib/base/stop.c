/* SPDX-License-Identifier: MIT */
/* Signals as flags and a descriptor to poll. */
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"

static volatile sig_atomic_t asked, usr1;
static int wake[2] = { -1, -1 };

static void
on_signal(int sig)
{
	int saved = errno;

	if (sig == SIGUSR1)
		usr1 = 1;
	else
		asked = asked + 1;
	/* A full pipe wakes the poll as well as one more byte would. */
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

int
eg_stop_fd(void)
{
	return wake[0];
}

void
eg_stop_drain(void)
{
	char sink[64];

	while (read(wake[0], sink, sizeof(sink)) > 0)
		continue;
}
