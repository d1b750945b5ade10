/* SPDX-License-Identifier: MIT */
/* Children that behave, hang and die: every line gets one fate. */
#include "base/clock.h"
#include "child_run.h"

static void
a_child_that_echoes_settles_every_unit_in_order(void **state)
{
	(void)state;
	run_begin(&r, (char *const[]){ (char[]){ "cat" }, NULL });
	make_room(&r, 10000, 100000);
	srand(1);
	while (r.made < 10000 && r.len < 90000 * LINE_BYTES)
		send_unit(&r, 1 + (size_t)rand() % 50);
	run_out(&r);
	assert_int_equal(r.refused_len, 0);
	assert_int_equal(eg_child_starts(r.child), 1);
	assert_string_equal(said(&r), "");
	run_end(&r);
}

static void
a_child_that_is_started_early_takes_the_first_unit(void **state)
{
	(void)state;
	run_begin(&r, (char *const[]){ (char[]){ "cat" }, NULL });
	make_room(&r, 1, 10);
	assert_int_equal(eg_child_start(r.child, &r.e), 0);
	assert_true(eg_child_running(r.child));
	send_unit(&r, 1);
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 1);
	run_end(&r);
}

static void
a_child_that_ends_before_the_first_unit_is_started_again_for_it(void **state)
{
	(void)state;
	run_begin(&r, SHELL("[ -e $T ] && exec cat; : >$T"));
	make_room(&r, 1, 10);
	assert_int_equal(eg_child_start(r.child, &r.e), 0);
	for (int i = 0; i < 2000 && eg_child_running(r.child); i++)
		assert_int_equal(turn(&r), 0);
	assert_false(eg_child_running(r.child));
	assert_int_equal(turn(&r), 0);
	assert_int_equal(eg_child_starts(r.child), 1);
	send_unit(&r, 1);
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 2);
	run_end(&r);
}

static void
a_pipeline_is_a_child_like_any_other(void **state)
{
	(void)state;
	run_begin(&r, SHELL("cat | cat"));
	make_room(&r, 2000, 100000);
	for (int i = 0; i < 2000; i++)
		send_unit(&r, 50);
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 1);
	run_end(&r);
}

/* Its receipt and its end are found in one turn: it was stopped while its input was closed. */
static void
a_child_that_was_silent_is_said_to_give_receipts_again_though_it_ends(void **state)
{
	struct pollfd fds[EG_CHILD_FDS];
	int64_t due = INT64_MAX;

	(void)state;
	run_begin(&r, SHELL("read -r a; until [ -e $T ]; do sleep 0.01; done; echo $a"));
	eg_child_warn_quiet(r.child);
	make_room(&r, 1, 10);
	send_unit(&r, 1);
	assert_int_equal(turn(&r), 0);
	eg_child_close(r.child);
	leapt_ms += 11000;
	assert_int_equal(turn(&r), 0);
	assert_int_equal(turn(&r), 0);
	assert_int_equal(count_of(said(&r), "'sh' has given no receipt for 10 s"), 1);
	close(open(getenv("T"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	eg_child_poll(r.child, fds, &due);
	assert_int_equal(poll(&fds[2], 1, PATIENCE_MS), 1);
	run_out(&r);
	run_until_gone(&r);
	assert_int_equal(count_of(said(&r), "'sh' gives receipts again"), 1);
	assert_int_equal(count_of(said(&r), "'sh'"), 2);
	run_end(&r);
}

static void
a_child_that_ends_at_once_is_started_with_growing_pauses(void **state)
{
	int64_t least = 100;

	(void)state;
	run_begin(&r, SHELL("exit 1"));
	make_room(&r, 1, 10);
	send_unit(&r, 3);
	for (int i = 1; i <= 12; i++) {
		int64_t due = INT64_MAX, pause;
		struct pollfd fds[EG_CHILD_FDS];

		while (eg_child_starts(r.child) < (uint64_t)i || eg_child_running(r.child))
			assert_int_equal(turn(&r), 0);
		eg_child_poll(r.child, fds, &due);
		pause = due - eg_mono_ms();
		assert_in_range(pause + 50, least, 30050);
		least = least * 2 > 15000 ? 15000 : least * 2;
		leapt_ms += pause > 0 ? pause : 0;
	}
	assert_int_equal(count_of(said(&r), "ended with status 1"), 1);
	assert_int_equal(r.settled, 0);
	run_end(&r);
}

static void
a_child_that_was_away_gets_its_lines_again(void **state)
{
	(void)state;
	run_begin(&r, SHELL("printf x >>\"$T\"; "
			    "if [ $(wc -c <\"$T\") -gt 3 ]; then exec cat; fi; exit 75"));
	r.leap = true;
	make_room(&r, 10, 100);
	for (int i = 0; i < 10; i++)
		send_unit(&r, 3);
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 4);
	assert_int_equal(count_of(said(&r), "ended with status 75"), 1);
	run_end(&r);
}

/* Ten deaths, each within a line: receipts given before each of them count. */
static void
a_child_killed_in_the_middle_costs_nothing(void **state)
{
	(void)state;
	run_begin(&r, SHELL("printf x >>\"$T\"; n=$(wc -c <\"$T\"); "
			    "if [ $n -le 10 ]; then head -c $((n * 7919)); kill -9 $$; fi; exec cat"));
	r.leap = true;
	make_room(&r, 3000, 60000);
	srand(2);
	for (int i = 0; i < 3000; i++)
		send_unit(&r, 1 + (size_t)rand() % 20);
	run_out(&r);
	assert_int_equal(r.refused_len, 0);
	assert_int_equal(eg_child_starts(r.child), 11);
	assert_non_null(strstr(said(&r), "signal 9"));
	run_end(&r);
}

static void
what_a_dead_child_said_before_counts(void **state)
{
	(void)state;
	run_begin(&r, SHELL("if [ -e \"$T\" ]; then exec sleep 1000; fi; : >\"$T\"; head -n 1500; exit 1"));
	make_room(&r, 2, 3000);
	send_unit(&r, 1500);
	send_unit(&r, 1000);
	run_for(&r, 500);
	assert_int_equal(r.settled, 1);
	run_end(&r);
}

/* The end is told by poll(2) in the moment before the receipts are. */
static void
receipts_that_come_with_the_end_count(void **state)
{
	struct pollfd fds[EG_CHILD_FDS];
	int64_t due = INT64_MAX;

	(void)state;
	run_begin(&r, SHELL("cat; exit 65"));
	make_room(&r, 1, 10);
	send_unit(&r, 5);
	eg_child_close(r.child);
	assert_int_equal(turn(&r), 0);
	eg_child_poll(r.child, fds, &due);
	assert_int_equal(poll(&fds[2], 1, PATIENCE_MS), 1);
	fds[0].revents = fds[1].revents = 0;
	assert_int_equal(eg_child_work(r.child, fds, &r.e), 0);
	assert_int_equal(r.settled, 1);
	assert_int_equal(r.refused_len, 0);
	run_end(&r);
}

static void
status_0_with_lines_left_is_no_receipt(void **state)
{
	(void)state;
	run_begin(&r, SHELL("exec sed -u 5q"));
	r.leap = true;
	make_room(&r, 20, 20);
	for (int i = 0; i < 20; i++)
		send_unit(&r, 1);
	run_out(&r);
	assert_int_equal(r.refused_len, 0);
	assert_int_equal(eg_child_starts(r.child), 4);
	run_end(&r);
}

static void
a_child_that_never_reads_blocks_nobody(void **state)
{
	(void)state;
	run_begin(&r, SHELL("sleep 1000; :"));
	make_room(&r, 100, 100000);
	for (int i = 0; i < 100; i++)
		send_unit(&r, 1000);
	assert_int_equal(run_for(&r, 200), 0);
	assert_int_equal(r.settled, 0);
	assert_true(r.wakes < 20);
	run_end(&r);
	assert_int_equal(r.dropped, 100);
}

static void
a_child_that_never_writes_can_be_dropped(void **state)
{
	(void)state;
	run_begin(&r, SHELL("cat >/dev/null"));
	make_room(&r, 101, 101000);
	for (int i = 0; i < 100; i++)
		send_unit(&r, 1000);
	assert_int_equal(run_for(&r, 300), 0);
	for (int i = 0; i < 400 && eg_child_moved(r.child) >= eg_mono_ms() - 50; i++)
		assert_int_equal(run_for(&r, 50), 0);
	assert_true(eg_child_oldest(r.child) > 0);
	assert_true(eg_child_moved(r.child) < eg_mono_ms() - 50);
	assert_true(r.wakes < 1000);
	eg_child_drop(r.child, 1000);
	assert_int_equal(r.dropped, 100);
	assert_true(eg_child_idle(r.child));
	run_until_gone(&r);
	assert_string_equal(said(&r), "");
	run_end(&r);
}

static void
a_grandchild_with_the_pipes_does_not_hide_the_end(void **state)
{
	char path[64], text[256] = "";
	FILE *f;
	long pid;

	(void)state;
	run_begin(&r, SHELL("if [ -e \"$T\" ]; then exec cat; fi; "
			    "sleep 1000 & echo $! >\"$T\"; head -n 2; exit 75"));
	make_room(&r, 3, 10);
	for (int i = 0; i < 3; i++)
		send_unit(&r, 1);
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 2);
	f = fopen(getenv("T"), "r");
	assert_int_equal(fscanf(f, "%ld", &pid), 1);
	fclose(f);
	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "r");
	if (f != NULL) {
		assert_non_null(fgets(text, sizeof(text), f));
		fclose(f);
		assert_non_null(strstr(text, ") Z"));
	}
	run_end(&r);
}

static void
a_command_that_is_not_found_is_a_fault_of_configuration(void **state)
{
	(void)state;
	run_begin(&r, (char *const[]){ (char[]){ "eg-no-such-command" }, NULL });
	make_room(&r, 1, 10);
	send_unit(&r, 3);
	assert_int_equal(run_for(&r, 1000), -1);
	assert_int_equal(r.e.status, EG_CONFIG);
	assert_string_equal(r.e.text, "cannot run 'eg-no-such-command': No such file or directory");
	run_end(&r);
}

static void
check_hopeless(char *script, const char *text)
{
	run_begin(&r, (char *const[]){ (char[]){ "sh" }, (char[]){ "-c" }, script, NULL });
	make_room(&r, 1, 10);
	send_unit(&r, 3);
	assert_int_equal(run_for(&r, 5000), -1);
	assert_int_equal(r.e.status, EG_CONFIG);
	assert_non_null(strstr(r.e.text, text));
	assert_false(eg_child_running(r.child));
	run_end(&r);
}

static void
some_statuses_leave_no_hope(void **state)
{
	(void)state;
	check_hopeless((char[]){ "eg-no-such-command" }, "'sh' ended with status 127");
	check_hopeless((char[]){ "/dev/null" }, "ended with status 126");
	check_hopeless((char[]){ "exit 64" }, "ended with status 64");
	check_hopeless((char[]){ "cat >/dev/null & exit 78" }, "ended with status 78");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_child_that_echoes_settles_every_unit_in_order),
		T(a_child_that_is_started_early_takes_the_first_unit),
		T(a_child_that_ends_before_the_first_unit_is_started_again_for_it),
		T(a_pipeline_is_a_child_like_any_other),
		T(a_child_that_was_silent_is_said_to_give_receipts_again_though_it_ends),
		T(a_child_that_ends_at_once_is_started_with_growing_pauses),
		T(a_child_that_was_away_gets_its_lines_again),
		T(a_child_killed_in_the_middle_costs_nothing),
		T(what_a_dead_child_said_before_counts),
		T(receipts_that_come_with_the_end_count),
		T(status_0_with_lines_left_is_no_receipt),
		T(a_child_that_never_reads_blocks_nobody),
		T(a_child_that_never_writes_can_be_dropped),
		T(a_grandchild_with_the_pipes_does_not_hide_the_end),
		T(a_command_that_is_not_found_is_a_fault_of_configuration),
		T(some_statuses_leave_no_hope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
