/* SPDX-License-Identifier: MIT */
/* The limits that all loops share, without a loop: state in, verdict out. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/options.h"
#include "base/stop.h"
#include "base/wait.h"

static const struct eg_common common = { .grace_ms = 1000, .timeout_ms = 500 };

static struct eg_loop
new_loop(void)
{
	return (struct eg_loop){ .common = &common, .rejects = EG_REJECTS_INIT,
	    .metrics = { .in = 5, .out = 2, .next = INT64_MAX } };
}

static void
nothing_is_due_without_a_reason(void **state)
{
	struct eg_loop l = new_loop();
	struct eg_loop_state s = { .settled = false };

	(void)state;
	assert_int_equal(eg_loop_due(&l, &s), INT64_MAX);
	assert_false(eg_loop_tick(&l, 100, false));
	assert_int_equal(eg_loop_check(&l, 1000 * 1000, &s), 0);
}

static void
a_closed_output_starts_the_grace_period_once(void **state)
{
	struct eg_loop l = new_loop();
	struct eg_loop_state s = { .output_gone = true };

	(void)state;
	assert_true(eg_loop_tick(&l, 100, true));
	assert_true(eg_loop_tick(&l, 200, true));
	assert_int_equal(eg_loop_due(&l, &s), 1100);
	assert_int_equal(eg_loop_check(&l, 1099, &s), 0);
	s.settled = true;
	assert_int_equal(eg_loop_check(&l, 1100, &s), 0);
	s.settled = false;
	assert_int_equal(eg_loop_check(&l, 1100, &s), -1);
	assert_int_equal(l.error.status, EG_TEMPORARY);
	assert_string_equal(l.error.text,
	    "standard output is closed: ended with 3 records without a receipt");
}

/* Each wait that --timeout limits, as a row: who waits since when, and the message. */
static void
timeout_limits_each_wait(void **state)
{
	static const struct {
		struct eg_loop_state s;
		const char *text;
	} rows[] = {
		{ { .peer_since = 100 }, "gave up waiting for the broker with 3 records unwritten" },
		{ { .receipts_since = 100 }, "gave up waiting for receipts with 3 records unwritten" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct eg_loop l = new_loop();

		l.peer = "the broker";
		l.pending = "unwritten";
		assert_int_equal(eg_loop_due(&l, &rows[i].s), 600);
		assert_int_equal(eg_loop_check(&l, 599, &rows[i].s), 0);
		assert_int_equal(eg_loop_check(&l, 600, &rows[i].s), -1);
		assert_string_equal(l.error.text, rows[i].text);
	}
}

static void
a_wait_ends_at_its_time_and_when_something_is_ready(void **state)
{
	int64_t begin = eg_mono_ms();
	int ends[2];
	struct pollfd p = { .events = POLLIN };

	(void)state;
	assert_int_equal(pipe(ends), 0);
	p.fd = ends[0];
	p.revents = POLLIN;
	assert_false(eg_wait_fds(&p, 1, begin + 20));
	assert_int_equal(p.revents, 0);
	assert_true(eg_mono_ms() - begin >= 20);
	assert_false(eg_wait_fds(&p, 1, 0));
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_true(eg_wait_fds(&p, 1, INT64_MAX));
	assert_int_equal(eg_wait_revents(ends[0], POLLIN), POLLIN);
	close(ends[1]);
	assert_true((eg_wait_revents(ends[0], 0) & POLLHUP) != 0);
	close(ends[0]);
}

/* Last: the signals stay asked for. */
static void
a_signal_starts_the_grace_period_and_a_second_ends_the_loop(void **state)
{
	struct eg_loop l = new_loop();
	struct eg_loop_state s = { .settled = false };

	(void)state;
	assert_int_equal(eg_loop_open(&l, &common), 0);
	raise(SIGTERM);
	assert_true(eg_loop_tick(&l, 100, false));
	assert_int_equal(eg_loop_check(&l, 1099, &s), 0);
	assert_int_equal(eg_loop_check(&l, 1100, &s), -1);
	assert_string_equal(l.error.text, "ended by a signal with 3 records without a receipt");
	l.error.status = EG_OK;
	eg_wait_ms(510);
	raise(SIGTERM);
	assert_int_equal(eg_loop_check(&l, 200, &s), -1);
	assert_string_equal(l.error.text,
	    "ended by a second signal with 3 records without a receipt");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_due_without_a_reason),
		cmocka_unit_test(a_closed_output_starts_the_grace_period_once),
		cmocka_unit_test(timeout_limits_each_wait),
		cmocka_unit_test(a_wait_ends_at_its_time_and_when_something_is_ready),
		cmocka_unit_test(a_signal_starts_the_grace_period_and_a_second_ends_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
