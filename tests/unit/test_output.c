/* SPDX-License-Identifier: MIT */
/* Standard output that is a pipe: whole lines, and pieces of a line that is too long. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_gets_whole_lines_or_pieces_of_a_long_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
