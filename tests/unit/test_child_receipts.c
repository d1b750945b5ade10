/* SPDX-License-Identifier: MIT */
/* The receipts of a child: lines left out are refused, and anything else is garbage. */
#include "base/clock.h"
#include "child_run.h"

static bool
second_third_seventh(const char *line, size_t n)
{
	(void)line;
	return n == 2 || n == 3 || n == 7;
}

static void
a_line_left_out_is_refused_when_a_later_one_comes(void **state)
{
	(void)state;
	run_begin(&r, SHELL("sed -u -e 2d -e 3d -e 7d"));
	make_room(&r, 3, 10);
	send_unit(&r, 4);
	send_unit(&r, 3);
	send_unit(&r, 1);
	run_out(&r);
	assert_refused(&r, second_third_seventh);
	assert_int_equal(eg_child_starts(r.child), 1);
	run_end(&r);
}

static bool
behind_the_second(const char *line, size_t n)
{
	(void)line;
	return n > 2;
}

static void
the_last_lines_are_refused_by_65_at_the_end_of_the_input(void **state)
{
	(void)state;
	run_begin(&r, SHELL("sed -n 1,2p; exit 65"));
	make_room(&r, 2, 10);
	send_unit(&r, 3);
	send_unit(&r, 2);
	eg_child_close(r.child);
	run_out(&r);
	assert_refused(&r, behind_the_second);
	assert_string_equal(said(&r), "");
	run_end(&r);
}

static void
without_the_end_of_input_65_says_nothing(void **state)
{
	(void)state;
	run_begin(&r, SHELL("if [ -e \"$T\" ]; then exec cat; fi; : >\"$T\"; read -r l; exit 65"));
	make_room(&r, 2, 10);
	send_unit(&r, 3);
	run_out(&r);
	assert_int_equal(r.refused_len, 0);
	assert_int_equal(eg_child_starts(r.child), 2);
	assert_non_null(strstr(said(&r), "ended with status 65"));
	run_end(&r);
}

static void
garbage_is_told_and_the_child_started_again(void **state)
{
	(void)state;
	run_begin(&r, SHELL("if [ -e \"$T\" ]; then exec cat; fi; : >\"$T\"; echo gar'\t'bage; cat"));
	make_room(&r, 1, 10);
	send_unit(&r, 3);
	run_out(&r);
	assert_int_equal(r.refused_len, 0);
	assert_int_equal(eg_child_starts(r.child), 2);
	assert_non_null(strstr(said(&r), "printed 'gar?bage', which it was not given"));
	assert_non_null(strstr(said(&r), "gives receipts again"));
	run_end(&r);
}

static void
an_endless_line_is_garbage_too(void **state)
{
	(void)state;
	run_begin(&r, SHELL("if [ -e \"$T\" ]; then exec cat; fi; : >\"$T\"; "
			    "head -c 1100 /dev/zero | tr '\\0' x; sleep 1000"));
	make_room(&r, 1, 10);
	send_unit(&r, 3);
	run_out(&r);
	assert_non_null(strstr(said(&r), "printed 'xxxxxx"));
	run_end(&r);
}

static void
more_echoes_than_lines_are_garbage(void **state)
{
	(void)state;
	run_begin(&r, SHELL("if [ -e \"$T\" ]; then exec cat; fi; : >\"$T\"; sed -u p"));
	make_room(&r, 1, 10);
	send_unit(&r, 3);
	run_out(&r);
	assert_int_equal(r.refused_len, 0);
	assert_int_equal(eg_child_starts(r.child), 2);
	run_end(&r);
}

/* The pipe holds 64 KiB of the unit at most, and this child never reads. */
static void
an_echo_before_its_line_was_given_is_garbage(void **state)
{
	(void)state;
	run_begin(&r, SHELL("if [ -e \"$T\" ]; then exec cat; fi; : >\"$T\"; "
			    "printf '%s\\n' \"$LAST\"; sleep 1000"));
	make_room(&r, 1, 10000);
	make_lines(&r, 10000, &r.units[0]);
	r.text[r.len - 1] = '\0';
	setenv("LAST", strrchr(r.text, '\n') + 1, 1);
	r.text[r.len - 1] = '\n';
	eg_child_send(r.child, &r.units[0]);
	r.made = 1;
	run_out(&r);
	assert_int_equal(r.refused_len, 0);
	assert_int_equal(eg_child_starts(r.child), 2);
	run_end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_line_left_out_is_refused_when_a_later_one_comes),
		T(the_last_lines_are_refused_by_65_at_the_end_of_the_input),
		T(without_the_end_of_input_65_says_nothing),
		T(garbage_is_told_and_the_child_started_again),
		T(an_endless_line_is_garbage_too),
		T(more_echoes_than_lines_are_garbage),
		T(an_echo_before_its_line_was_given_is_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
