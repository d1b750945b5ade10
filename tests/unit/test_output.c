/* SPDX-License-Identifier: MIT */
/* Standard output that is a pipe: whole lines, and pieces of a line that is too long; full; and
 * its end. A device such as /dev/null takes all. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/output.h"
#include "base/stop.h"

static void
a_pipe_gets_whole_lines_or_pieces_of_a_long_one(void **state)
{
	struct eg_error e = { 0 };
	struct eg_output o;
	static char buf[3 * PIPE_BUF];
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(eg_output_open(&o, fd[1], &e), 0);
	memset(buf, 'x', sizeof(buf));
	buf[PIPE_BUF + 5] = '\n';
	assert_int_equal(eg_output_write(&o, buf, sizeof(buf), &e), PIPE_BUF);
	assert_int_equal(eg_output_write(&o, buf + PIPE_BUF, sizeof(buf) - PIPE_BUF, &e), 6);
	buf[99] = '\n';
	assert_int_equal(eg_output_write(&o, buf, 100, &e), 100);
	(void)close(fd[0]);
	(void)close(fd[1]);
	(void)close(o.fd);
}

/* Fills the pipe of o by its other descriptor, to which a write is possible until then. */
static void
fill(int fd, const struct eg_output *o)
{
	static char buf[PIPE_BUF];

	for (int n = fcntl(fd, F_GETPIPE_SZ) / PIPE_BUF; n > 0; n--) {
		assert_true(eg_output_ready(o));
		assert_int_equal(write(fd, buf, sizeof(buf)), sizeof(buf));
	}
}

/* Another process may fill the pipe between poll(2) and the write. */
static void
a_pipe_that_others_filled_does_not_block(void **state)
{
	struct eg_error e = { 0 };
	struct eg_output o;
	static char buf[PIPE_BUF];
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(eg_output_open(&o, fd[1], &e), 0);
	memset(buf, 'x', sizeof(buf));
	buf[sizeof(buf) - 1] = '\n';
	fill(fd[1], &o);
	(void)alarm(10);
	assert_int_equal(eg_output_write(&o, buf, sizeof(buf), &e), 0);
	(void)alarm(0);
	assert_false(o.gone);
	assert_int_equal(fcntl(fd[1], F_GETFL) & O_NONBLOCK, 0);
	(void)close(fd[0]);
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(eg_output_write(&o, buf, sizeof(buf), &e), 0);
	assert_true(o.gone);
	(void)close(fd[1]);
	(void)close(o.fd);
}

/* As one that a process of another user made. */
static void
a_pipe_that_may_not_be_opened_is_asked_before_each_write(void **state)
{
	enum { NOBODY = 65534 };
	bool root = geteuid() == 0;
	struct eg_error e = { 0 };
	struct eg_output o;
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(fchmod(fd[1], 0), 0);
	if (root && seteuid(NOBODY) != 0)
		skip();
	assert_int_equal(eg_output_open(&o, fd[1], &e), 0);
	assert_int_equal(root ? seteuid(0) : 0, 0);
	assert_int_equal(o.fd, fd[1]);
	fill(fd[1], &o);
	assert_false(eg_output_ready(&o));
	(void)close(fd[0]);
	(void)close(fd[1]);
}

/* Its other side would be another one when it is opened again. */
static void
the_master_of_a_terminal_is_not_opened_again(void **state)
{
	struct eg_error e = { 0 };
	struct eg_output o;
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(eg_output_open(&o, fd, &e), 0);
	assert_int_equal(o.fd, fd);
	(void)close(fd);
}

static void
a_reader_sees_the_end_when_output_is_closed(void **state)
{
	struct eg_error e = { 0 };
	struct eg_output o;
	char c;
	int fd[2];

	(void)state;
	assert_int_equal(pipe2(fd, O_NONBLOCK), 0);
	assert_int_equal(eg_output_open(&o, fd[1], &e), 0);
	assert_int_equal(eg_output_close(&o, &e), 0);
	assert_int_equal(read(fd[0], &c, 1), 0);
	(void)close(fd[0]);
}

/* The signal has come while there is room, so waiting for room must not forget it. */
static void
a_signal_ends_a_wait_for_room(void **state)
{
	struct eg_error e = { 0 };
	struct eg_output o;
	static char buf[2 * PIPE_BUF];
	size_t left = sizeof(buf);
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(eg_stop_install(&e), 0);
	assert_int_equal(eg_output_open(&o, fd[1], &e), 0);
	fill(fd[1], &o);
	assert_int_equal(read(fd[0], buf, PIPE_BUF), PIPE_BUF);
	memset(buf, 'x', sizeof(buf));
	buf[PIPE_BUF - 1] = buf[sizeof(buf) - 1] = '\n';
	(void)raise(SIGTERM);
	(void)alarm(10);
	assert_int_equal(eg_output_write_left(&o, buf, &left, &e), -1);
	(void)alarm(0);
	assert_int_equal(e.status, EG_TEMPORARY);
	assert_int_equal(left, PIPE_BUF);
	(void)close(fd[0]);
	(void)close(o.fd);
	(void)close(fd[1]);
}

/* Such a device never blocks, so a write to it need not be cut into pieces. */
static void
the_null_device_takes_all_in_one_write(void **state)
{
	struct eg_error e = { 0 };
	struct eg_output o;
	static char buf[3 * PIPE_BUF];
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(eg_output_open(&o, fd, &e), 0);
	memset(buf, 'x', sizeof(buf));
	buf[sizeof(buf) - 1] = '\n';
	assert_true(eg_output_ready(&o));
	assert_int_equal(eg_output_write(&o, buf, sizeof(buf), &e), sizeof(buf));
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_gets_whole_lines_or_pieces_of_a_long_one),
		cmocka_unit_test(a_pipe_that_others_filled_does_not_block),
		cmocka_unit_test(a_pipe_that_may_not_be_opened_is_asked_before_each_write),
		cmocka_unit_test(the_master_of_a_terminal_is_not_opened_again),
		cmocka_unit_test(a_reader_sees_the_end_when_output_is_closed),
		cmocka_unit_test(a_signal_ends_a_wait_for_room),
		cmocka_unit_test(the_null_device_takes_all_in_one_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
