/* SPDX-License-Identifier: MIT */
/* Runs gnuplot as a child process: writes the script to it and reads the picture. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/process.h"
#include "base/stop.h"
#include "base/wait.h"
#include "plot/gnuplot.h"

/* Interval for checking whether gnuplot has ended, if the kernel lacks pidfd_open(2). */
enum { READ_MAX = 64 * 1024, NO_PIDFD_MS = 10 };

struct picture {
	char *text;
	size_t len, room;
};

/* Writes as much as the pipe accepts. Returns false if gnuplot no longer reads. */
static bool
feed_gnuplot(const struct eg_process *p, const char **script, size_t *len)
{
	ssize_t n = write(p->in, *script, *len);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	*script += n;
	*len -= (size_t)n;
	return true;
}

/* Reads what is in the pipe. Sets *end at its end. */
static int
read_picture(const struct eg_process *p, struct picture *out, bool *end, struct eg_error *e)
{
	ssize_t n;

	if (!eg_buf_grow(&out->text, &out->room, out->len + READ_MAX, 1))
		return eg_fail(e, EG_BUG, "out of memory");
	n = read(p->out, out->text + out->len, out->room - out->len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	*end = n <= 0;
	out->len += n > 0 ? (size_t)n : 0;
	return 0;
}

static int
exchange(struct eg_process *p, const char *script, size_t len, struct picture *out,
    struct eg_error *e)
{
	bool end = false;

	while (!end) {
		struct pollfd fd[3] = { { .fd = p->out, .events = POLLIN },
			{ .fd = p->in, .events = POLLOUT }, eg_stop_pollfd() };

		(void)eg_wait_fds(fd, 3, INT64_MAX);
		eg_stop_polled(&fd[2]);
		if (eg_stop_asked() > 0)
			return eg_fail(e, EG_TEMPORARY, "ended by a signal; nothing was drawn");
		if (fd[1].revents != 0 && (!feed_gnuplot(p, &script, &len) || len == 0))
			eg_process_close_in(p);
		if (fd[0].revents != 0 && read_picture(p, out, &end, e) != 0)
			return -1;
	}
	return 0;
}

/* gnuplot may close its output and continue to run. */
static int
await_end(struct eg_process *p, struct eg_error *e)
{
	while (!eg_process_ended(p)) {
		struct pollfd fd[2] = { { .fd = p->pidfd, .events = POLLIN }, eg_stop_pollfd() };

		(void)eg_wait_fds(fd, 2, p->pidfd >= 0 ? INT64_MAX : eg_mono_ms() + NO_PIDFD_MS);
		eg_stop_polled(&fd[1]);
		if (eg_stop_asked() > 0)
			return eg_fail(e, EG_TEMPORARY, "ended by a signal; nothing was drawn");
	}
	return 0;
}

int
eg_gnuplot_run(const char *script, size_t len, char **picture, size_t *size, struct eg_error *e)
{
	static char name[] = "gnuplot", defaults[] = "--default-settings", input[] = "-";
	char *argv[] = { name, defaults, input, NULL }, text[80];
	struct picture out = { 0 };
	struct eg_process p;
	int status, rc;

	if (eg_process_start(&p, argv, e) != 0) {
		if (e->status == EG_CONFIG)
			*e = (struct eg_error){ EG_CONFIG,
			    "gnuplot is not here; on Debian: apt install gnuplot-nox" };
		return -1;
	}
	rc = exchange(&p, script, len, &out, e);
	if (rc == 0)
		rc = await_end(&p, e);
	if (rc != 0)
		eg_process_kill(&p, SIGKILL);
	status = eg_process_reap(&p);
	if (rc == 0 && (status != 0 || out.len == 0))
		rc = eg_fail(e, EG_BUG, "gnuplot %s%s", eg_process_status_text(status, text, sizeof(text)),
		    status == 0 ? " and no picture" : "");
	if (rc != 0)
		free(out.text);
	*picture = rc == 0 ? out.text : NULL;
	*size = out.len;
	return rc;
}
