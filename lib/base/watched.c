/* SPDX-License-Identifier: MIT */
#include "base/watched.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/options.h"
#include "base/stop.h"
#include "base/wait.h"

#define NAME "eg-health"

enum {
	/* Between two starts; also the time that it has to listen. */
	AGAIN_MS = 10 * 1000,
	/* After so long without reading counters it is warned of. */
	UNREAD_MS = 10 * 1000,
};

/* Writes the path of eg-health to out: next to the running program, or the name for PATH. */
static char *
find_program(char *out, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", out, size);
	char *slash;

	if (n > 0 && (size_t)n < size - sizeof(NAME)) {
		out[n] = '\0';
		slash = strrchr(out, '/');
		if (slash != NULL) {
			memcpy(slash + 1, NAME, sizeof(NAME));
			if (access(out, X_OK) == 0)
				return out;
		}
	}
	memcpy(out, NAME, sizeof(NAME));
	return out;
}

/* Kills it. If it does not end at once, it is looked after later: the readings do not wait. */
static void
end_process(struct eg_watched *w, int64_t wait_ms)
{
	w->starting = false;
	w->ending = !eg_process_end(&w->process, wait_ms);
	if (!w->ending)
		w->process.pid = 0;
}

/* Reads the line that says where it listens. -1 with *e: it cannot listen, or has not said so at
 * the time w->again; then it is ended. */
static int
read_line(struct eg_watched *w, int64_t now, struct eg_error *e)
{
	char line[128];
	ssize_t n = read(w->process.out, line, sizeof(line) - 1);
	int status;

	if (n > 0) {
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		eg_info("--listen: health and counters are at %s", line);
		eg_process_close_out(&w->process);
		w->starting = false;
		w->read = now;
		return 0;
	}
	if (n < 0 && now < w->again)
		return 0;
	/* It has closed its output: it ends. */
	if (n < 0 || !eg_process_await(&w->process, now + EG_PROCESS_END_MS)) {
		end_process(w, 0);
		return eg_fail(e, EG_TEMPORARY, "--listen: " NAME " does not answer");
	}
	status = eg_process_reap(&w->process);
	w->process.pid = 0;
	w->starting = false;
	return eg_fail(e, WIFEXITED(status) && WEXITSTATUS(status) == EG_USAGE ? EG_USAGE : EG_CONFIG,
	    "--listen '%s' cannot be served", w->common->listen);
}

static int
start(struct eg_watched *w, struct eg_error *e)
{
	char program[PATH_MAX], listen[256], after[64];
	char *const argv[] = { find_program(program, sizeof(program)), listen, after, NULL };

	(void)snprintf(listen, sizeof(listen), "--listen=%s", w->common->listen);
	(void)snprintf(after, sizeof(after), "--unhealthy=%lldms",
	    (long long)w->common->unhealthy_ms);
	w->again = eg_mono_ms() + AGAIN_MS;
	if (eg_process_start(&w->process, argv, e) != 0)
		return -1;
	w->starting = true;
	return 0;
}

static int
await_line(struct eg_watched *w, struct eg_error *e)
{
	while (w->starting && eg_stop_asked() == 0) {
		struct pollfd fds[] = { { .fd = w->process.out, .events = POLLIN }, eg_stop_pollfd() };

		(void)eg_wait_fds(fds, 2, w->again);
		if (read_line(w, eg_mono_ms(), e) != 0)
			return -1;
	}
	return 0;
}

int
eg_watched_start(struct eg_watched *w, const struct eg_common *c, struct eg_error *e)
{
	*w = (struct eg_watched){ .common = c };
	if (strlen(c->listen) > 200)
		return eg_fail(e, EG_USAGE, "--listen: the address is too long");
	if (start(w, e) == 0 && await_line(w, e) == 0)
		return 0;
	w->common = NULL;
	return -1;
}

static void
warn_of(const char *what)
{
	eg_warn("--listen: " NAME " %s", what);
}

/* Warns, once in a row, when it has not read the counters before for so long. */
static void
check_reading(struct eg_watched *w, int64_t now)
{
	int left;

	if (ioctl(w->process.in, FIONREAD, &left) != 0 || left == 0) {
		if (w->read == 0)
			warn_of("reads counters again");
		w->read = now;
	} else if (w->read != 0 && now - w->read >= UNREAD_MS) {
		w->read = 0;
		warn_of("has read no counters for 10 s");
	}
}

static void
send_counters(struct eg_watched *w, const char *text, size_t len)
{
	if (write(w->process.in, text, len) >= 0 || errno != EPIPE)
		return;
	end_process(w, 0);
	if (eg_stop_asked() == 0) /* systemd(1) signals all processes of a unit */
		warn_of("has ended: it is started again");
}

void
eg_watched_show(struct eg_watched *w, const char *text, size_t len, int64_t now)
{
	struct eg_error e = { 0 };

	if (w->common == NULL)
		return;
	if (w->ending)
		end_process(w, 0);
	if (w->ending)
		return;
	if (w->process.pid == 0) {
		if (now >= w->again && eg_stop_asked() == 0)
			(void)start(w, &e);
	} else if (w->starting) {
		(void)read_line(w, now, &e);
	} else {
		check_reading(w, now);
		send_counters(w, text, len);
	}
	if (e.status != EG_OK)
		eg_warn("%s", e.text);
}

void
eg_watched_end(struct eg_watched *w)
{
	if (w->common == NULL)
		return;
	if (w->process.pid != 0)
		end_process(w, EG_PROCESS_END_MS);
	w->common = NULL;
}
