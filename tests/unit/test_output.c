/* SPDX-License-Identifier: MIT */
/* Standard output that is a pipe: whole lines, and pieces of a line that is too long.
 * A device such as /dev/null takes all. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/output.h"

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
		cmocka_unit_test(the_null_device_takes_all_in_one_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
