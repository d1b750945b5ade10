/* SPDX-License-Identifier: MIT */
/* Signals become flags and a descriptor that poll sees. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/stop.h"

static int
install(void **state)
{
	struct eg_error e = { 0 };

	(void)state;
	return eg_stop_install(&e);
}

static bool
readable(void)
{
	struct pollfd p = eg_stop_pollfd();

	return poll(&p, 1, 0) == 1;
}

static void
drain(void)
{
	struct pollfd p = eg_stop_pollfd();

	p.revents = POLLIN;
	eg_stop_polled(&p);
}

static void
pause_ms(int ms)
{
	poll(NULL, 0, ms);
}

static void
nothing_is_asked_at_first(void **state)
{
	(void)state;
	assert_int_equal(eg_stop_asked(), 0);
	assert_false(eg_stop_usr1());
	assert_false(readable());
}

static void
usr1_is_told_once_and_asks_for_no_end(void **state)
{
	(void)state;
	raise(SIGUSR1);
	raise(SIGUSR1);
	assert_true(readable());
	drain();
	assert_false(readable());
	assert_true(eg_stop_usr1());
	assert_false(eg_stop_usr1());
	assert_int_equal(eg_stop_asked(), 0);
}

static void
each_term_and_int_counts_and_wakes(void **state)
{
	(void)state;
	raise(SIGTERM);
	assert_int_equal(eg_stop_asked(), 1);
	assert_true(readable());
	drain();
	assert_false(readable());
	pause_ms(510);
	raise(SIGINT);
	assert_int_equal(eg_stop_asked(), 2);
	assert_true(readable());
	drain();
}

/* Follows the test before. */
static void
signals_within_a_moment_are_one(void **state)
{
	int before;

	(void)state;
	pause_ms(510);
	before = eg_stop_asked();
	raise(SIGTERM);
	raise(SIGTERM);
	raise(SIGINT);
	/* Where the machine stood still between them, the last two count once more. */
	assert_in_range(eg_stop_asked(), before + 1, before + 2);
	pause_ms(510);
	before = eg_stop_asked();
	raise(SIGTERM);
	assert_int_equal(eg_stop_asked(), before + 1);
	drain();
}

static void
a_flood_of_signals_neither_blocks_nor_changes_errno(void **state)
{
	(void)state;
	/* More than a pipe holds. */
	for (int i = 0; i < 70000; i++) {
		errno = EDOM;
		raise(SIGUSR1);
		assert_int_equal(errno, EDOM);
	}
	assert_true(readable());
	drain();
	assert_false(readable());
	assert_true(eg_stop_usr1());
}

static void
a_closed_pipe_is_an_error_of_write(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	errno = 0;
	assert_int_equal(write(ends[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(ends[1]);
}

static void
a_child_does_not_inherit_the_descriptor(void **state)
{
	(void)state;
	assert_true((fcntl(eg_stop_pollfd().fd, F_GETFD) & FD_CLOEXEC) != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_asked_at_first),
		cmocka_unit_test(usr1_is_told_once_and_asks_for_no_end),
		cmocka_unit_test(each_term_and_int_counts_and_wakes),
		cmocka_unit_test(signals_within_a_moment_are_one),
		cmocka_unit_test(a_flood_of_signals_neither_blocks_nor_changes_errno),
		cmocka_unit_test(a_closed_pipe_is_an_error_of_write),
		cmocka_unit_test(a_child_does_not_inherit_the_descriptor),
	};

	return cmocka_run_group_tests(tests, install, NULL);
}
