/* SPDX-License-Identifier: MIT */
/* Pauses that grow, are jittered, and end; complaints that are no flood. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/backoff.h"
#include "base/backoff_log.h"
#include "base/clock.h"
#include "base/diag.h"

static void
pauses_double_up_to_the_longest(void **state)
{
	struct eg_backoff r = { .base_ms = 200, .max_ms = 5000 };
	int64_t whole = 200, now = 1000;

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_true(eg_backoff_failed(&r, now, 0) == (i == 0));
		assert_in_range(r.due - now, whole / 2, whole);
		whole = whole * 2 > 5000 ? 5000 : whole * 2;
		now = r.due;
	}
	assert_int_equal(r.since, 1000);
}

static void
pauses_of_two_peers_differ(void **state)
{
	unsigned same = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct eg_backoff a = { .base_ms = 1000, .max_ms = 1000, .random = 1 + (uint64_t)i };
		struct eg_backoff b = { .base_ms = 1000, .max_ms = 1000, .random = 1000 + (uint64_t)i };

		eg_backoff_failed(&a, 0, 0);
		eg_backoff_failed(&b, 0, 0);
		same += a.due == b.due;
	}
	assert_true(same < 5);
}

static void
a_peers_own_wish_is_kept(void **state)
{
	struct eg_backoff r = { .base_ms = 200, .max_ms = 5000 };

	(void)state;
	eg_backoff_failed(&r, 0, 60000);
	assert_int_equal(r.due, 60000);
	eg_backoff_failed(&r, 60000, 1);
	assert_in_range(r.due - 60000, 200, 400);
}

static void
a_success_starts_over_and_says_how_long_it_took(void **state)
{
	struct eg_backoff r = { .base_ms = 200, .max_ms = 5000 };

	(void)state;
	assert_int_equal(eg_backoff_ok(&r, 500), -1);
	eg_backoff_failed(&r, 1000, 0);
	eg_backoff_failed(&r, 2000, 0);
	assert_int_equal(eg_backoff_ok(&r, 4500), 3500);
	assert_int_equal(eg_backoff_ok(&r, 4600), -1);
	assert_true(eg_backoff_failed(&r, 5000, 0));
	assert_in_range(r.due - 5000, 100, 200);
}

static void
the_clock_goes_forward(void **state)
{
	int64_t a = eg_mono_ms(), b;

	(void)state;
	usleep(20000);
	b = eg_mono_ms();
	assert_in_range(b - a, 19, 5000);
}

static size_t
lines_said(int fd, char *out, size_t size)
{
	ssize_t n = pread(fd, out, size - 1, 0);
	size_t lines = 0;

	assert_true(n >= 0);
	out[n] = '\0';
	for (ssize_t i = 0; i < n; i++)
		lines += out[i] == '\n';
	return lines;
}

static void
complaints_are_counted_not_repeated(void **state)
{
	struct eg_backoff_log c = { .retry = { .base_ms = 200, .max_ms = 30000 } };
	int fd = memfd_create("messages", MFD_CLOEXEC), was = dup(STDERR_FILENO);
	size_t first, row, other, back, quick, late;
	char text[2048];

	(void)state;
	dup2(fd, STDERR_FILENO);
	eg_diag_init("test");
	eg_backoff_log_failed(&c, 1, 1000, 0, "'x' is away");
	first = lines_said(fd, text, sizeof(text));
	for (int64_t t = 2000; t < 60000; t += 1000)
		eg_backoff_log_failed(&c, 1, t, 0, "'x' is away");
	row = lines_said(fd, text, sizeof(text));
	eg_backoff_log_failed(&c, 2, 60000, 0, "'x' is ill");
	other = lines_said(fd, text, sizeof(text));
	eg_backoff_log_over(&c, 61000, "'x' is back");
	eg_backoff_log_over(&c, 61001, "'x' is back");
	back = lines_said(fd, text, sizeof(text));
	for (int64_t t = 62000; t < 69000; t += 1000) {
		eg_backoff_log_failed(&c, 2, t, 0, "'x' is ill");
		eg_backoff_log_over(&c, t + 1, "'x' is back");
	}
	quick = lines_said(fd, text, sizeof(text));
	eg_backoff_log_failed(&c, 2, 71000, 0, "'x' is ill");
	late = lines_said(fd, text, sizeof(text));
	dup2(was, STDERR_FILENO);
	close(was);
	close(fd);
	assert_int_equal(first, 1);
	assert_int_equal(row, 1);
	assert_int_equal(other, 2);
	assert_int_equal(back, 3);
	assert_int_equal(quick, 3);
	assert_int_equal(late, 4);
	assert_non_null(strstr(text, "warning: 'x' is back after 60.0 s\n"));
	assert_non_null(strstr(text, "(as 7 times more in between)\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_double_up_to_the_longest),
		cmocka_unit_test(pauses_of_two_peers_differ),
		cmocka_unit_test(a_peers_own_wish_is_kept),
		cmocka_unit_test(a_success_starts_over_and_says_how_long_it_took),
		cmocka_unit_test(the_clock_goes_forward),
		cmocka_unit_test(complaints_are_counted_not_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
