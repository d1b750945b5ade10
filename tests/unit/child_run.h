/* SPDX-License-Identifier: MIT */
/* Drives a child in the tests: a clock that can be moved on, what became of units. */
#ifndef CHILD_RUN_H
#define CHILD_RUN_H

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/diag.h"
#include "stage/child.h"

enum { PATIENCE_MS = 20 * 1000, LINE_BYTES = 35 };

/* The call whose time is a struct timespec, also where that has 64 bits and the machine 32. */
#ifdef SYS_clock_gettime64
#define CLOCK_CALL SYS_clock_gettime64
#else
#define CLOCK_CALL SYS_clock_gettime
#endif

/* What eg_mono_ms sees: the real clock, moved on by what a test leaps over. */
static int64_t leapt_ms;

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	long rc = syscall(CLOCK_CALL, id, ts);

	ts->tv_sec += (time_t)(leapt_ms / 1000);
	ts->tv_nsec += (long)(leapt_ms % 1000 * 1000000);
	if (ts->tv_nsec >= 1000000000) {
		ts->tv_sec++;
		ts->tv_nsec -= 1000000000;
	}
	return (int)rc;
}

enum fate { WAITING, SETTLED, DROPPED };

struct run {
	struct eg_child *child;
	struct eg_error e;
	struct eg_chunk *units;
	enum fate *fates;
	size_t made, settled, dropped;
	char *text; /* all lines, in order */
	size_t len, size;
	char *refused; /* the lines refused, each with its newline */
	size_t refused_len, wakes;
	bool leap; /* pauses are leapt over, not waited for */
	int messages, stderr_was;
	char dir[64], *said;
};

static void
on_refused(void *ctx, struct eg_chunk *u, const char *line, size_t len)
{
	struct run *r = ctx;

	assert_true(u == &r->units[r->settled]);
	assert_true(line == u->text + u->matched);
	r->refused = realloc(r->refused, r->refused_len + len + 2);
	memcpy(r->refused + r->refused_len, line, len);
	r->refused_len += len;
	r->refused[r->refused_len++] = '\n';
	r->refused[r->refused_len] = '\0';
}

/* Units settle once, in order: that is asserted wherever a child is run. */
static void
on_settled(void *ctx, struct eg_chunk *u)
{
	struct run *r = ctx;

	assert_true(u == &r->units[r->settled]);
	assert_int_equal(r->fates[r->settled], WAITING);
	r->fates[r->settled++] = SETTLED;
}

static void
on_dropped(void *ctx, struct eg_chunk *u)
{
	struct run *r = ctx;

	assert_true(u == &r->units[r->settled + r->dropped]);
	assert_int_equal(r->fates[r->settled + r->dropped], WAITING);
	r->fates[r->settled + r->dropped++] = DROPPED;
}

static const struct eg_child_calls on_calls = { on_refused, on_settled, on_dropped };

/* Begins with messages caught and T in the environment naming a file of our own. */
static void
run_begin(struct run *r, char *const argv[])
{
	char path[96];

	memset(r, 0, sizeof(*r));
	leapt_ms = 0;
	signal(SIGPIPE, SIG_IGN);
	snprintf(r->dir, sizeof(r->dir), "/tmp/eg-child.XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	snprintf(path, sizeof(path), "%s/t", r->dir);
	setenv("T", path, 1);
	r->messages = memfd_create("messages", MFD_CLOEXEC);
	r->stderr_was = dup(STDERR_FILENO);
	dup2(r->messages, STDERR_FILENO);
	eg_diag_init("test");
	r->child = eg_child_new(argv, &on_calls, r, &r->e);
	assert_non_null(r->child);
}

#define SHELL(script) \
	((char *const[]){ (char[]){ "sh" }, (char[]){ "-c" }, (char[]){ script }, NULL })

/* Makes count lines numbered from the last one on. */
static void
make_lines(struct run *r, size_t count, struct eg_chunk *u)
{
	size_t from = r->len;

	for (size_t i = 0; i < count; i++) {
		assert_true(r->len + 64 < r->size);
		r->len += (size_t)snprintf(r->text + r->len, 64,
		    "sensor%zu:2026-11-23T14:18:36:%zu.5\n", (r->len + i) % 15, r->len);
	}
	*u = (struct eg_chunk){ .text = r->text + from, .len = r->len - from };
}

static void
make_room(struct run *r, size_t units, size_t lines)
{
	r->size = lines * 64 + 128;
	r->text = malloc(r->size);
	r->units = calloc(units, sizeof(*r->units));
	r->fates = calloc(units, sizeof(*r->fates));
}

/* Sends one more unit of so many lines. */
static void
send_unit(struct run *r, size_t lines)
{
	make_lines(r, lines, &r->units[r->made]);
	eg_child_send(r->child, &r->units[r->made++]);
}

/* One turn of the loop; waits at most 50 ms. */
static int
turn(struct run *r)
{
	struct pollfd fds[EG_CHILD_FDS];
	int64_t now = eg_mono_ms(), due = now + 50, own = INT64_MAX;

	eg_child_poll(r->child, fds, &due);
	eg_child_poll(r->child, fds, &own);
	if (r->leap && own != INT64_MAX && own > due && !eg_child_running(r->child)) {
		leapt_ms += own - now;
		due = now;
	}
	r->wakes += poll(fds, EG_CHILD_FDS, due > now ? (int)(due - now) : 0) > 0;
	return eg_child_work(r->child, fds, &r->e);
}

/* Runs for ms, or until nothing is left to do. */
static int
run_for(struct run *r, int64_t ms)
{
	struct timespec ts;
	int64_t end;

	syscall(CLOCK_CALL, CLOCK_MONOTONIC, &ts);
	end = ts.tv_sec * 1000 + ts.tv_nsec / 1000000 + ms;
	while (!eg_child_idle(r->child)) {
		if (turn(r) != 0)
			return -1;
		syscall(CLOCK_CALL, CLOCK_MONOTONIC, &ts);
		if (ts.tv_sec * 1000 + ts.tv_nsec / 1000000 >= end)
			break;
	}
	return 0;
}

/* Until all is settled. */
static void
run_out(struct run *r)
{
	assert_int_equal(run_for(r, PATIENCE_MS), 0);
	assert_true(eg_child_idle(r->child));
	assert_int_equal(r->settled, r->made);
	assert_int_equal(eg_child_oldest(r->child), 0);
}

/* Until no process is there. */
static inline void
run_until_gone(struct run *r)
{
	for (int i = 0; i < 1000 && eg_child_running(r->child); i++)
		assert_int_equal(turn(r), 0);
	assert_false(eg_child_running(r->child));
}

/* What was said on standard error up to now. */
static const char *
said(struct run *r)
{
	off_t len = lseek(r->messages, 0, SEEK_END);

	free(r->said);
	r->said = calloc(1, (size_t)len + 1);
	assert_int_equal(pread(r->messages, r->said, (size_t)len, 0), len);
	return r->said;
}

static inline size_t
count_of(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)) != NULL; text++)
		n++;
	return n;
}

/* The lines refused are those that pick says, n counted from 1, and in order. */
static inline void
assert_refused(struct run *r, bool (*pick)(const char *line, size_t n))
{
	size_t at = 0, n = 1;

	for (const char *line = r->text; line < r->text + r->len; n++) {
		size_t len = (size_t)(strchr(line, '\n') + 1 - line);

		if (pick(line, n)) {
			assert_in_range(at + len, 0, r->refused_len);
			assert_memory_equal(r->refused + at, line, len);
			at += len;
		}
		line += len;
	}
	assert_int_equal(at, r->refused_len);
}

static void
run_end(struct run *r)
{
	char path[96];

	eg_child_free(r->child);
	assert_int_equal(r->settled + r->dropped, r->made);
	dup2(r->stderr_was, STDERR_FILENO);
	close(r->stderr_was);
	close(r->messages);
	snprintf(path, sizeof(path), "%s/t", r->dir);
	unlink(path);
	rmdir(r->dir);
	free(r->text);
	free(r->units);
	free(r->fates);
	free(r->refused);
	free(r->said);
}

/* What a test runs. When one has failed, messages are no longer caught. */
static struct run r;

static int
restore(void **state)
{
	(void)state;
	dup2(r.stderr_was, STDERR_FILENO);
	return 0;
}

#define T(f) cmocka_unit_test_teardown(f, restore)

#endif
