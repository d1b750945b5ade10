/* SPDX-License-Identifier: MIT */
/* Children that are closed, dropped, or refuse at random; odd surroundings. */
#include <sys/resource.h>

#include "base/clock.h"
#include "base/signals.h"
#include "child_run.h"

static void
a_closed_child_settles_ends_and_is_followed_by_another(void **state)
{
	(void)state;
	run_begin(&r, SHELL("printf x >>\"$T\"; exec cat"));
	make_room(&r, 3, 30);
	send_unit(&r, 10);
	assert_int_equal(turn(&r), 0);
	eg_child_close(r.child);
	send_unit(&r, 10);
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 2);
	eg_child_close(r.child);
	run_until_gone(&r);
	assert_int_equal(eg_child_starts(r.child), 2);
	send_unit(&r, 10);
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 3);
	assert_string_equal(said(&r), "");
	run_end(&r);
}

static void
closing_writes_all_that_is_queued_first(void **state)
{
	(void)state;
	run_begin(&r, SHELL("exec cat"));
	make_room(&r, 100, 100000);
	for (int i = 0; i < 100; i++)
		send_unit(&r, 1000);
	assert_int_equal(turn(&r), 0);
	eg_child_close(r.child);
	while (r.settled < 100)
		assert_int_equal(turn(&r), 0);
	run_until_gone(&r);
	assert_int_equal(eg_child_starts(r.child), 1);
	assert_string_equal(said(&r), "");
	run_end(&r);
}

static void
what_is_sent_after_a_close_is_for_the_next_child(void **state)
{
	(void)state;
	run_begin(&r, SHELL("printf x >>\"$T\"; exec cat"));
	make_room(&r, 101, 101000);
	for (int i = 0; i < 100; i++)
		send_unit(&r, 1000);
	assert_int_equal(turn(&r), 0);
	eg_child_close(r.child);
	send_unit(&r, 1000);
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 2);
	run_end(&r);
}

static void
closing_with_nothing_there_does_nothing(void **state)
{
	(void)state;
	run_begin(&r, SHELL("exec cat"));
	make_room(&r, 2, 10);
	eg_child_close(r.child);
	assert_false(eg_child_running(r.child));
	send_unit(&r, 1);
	run_out(&r);
	send_unit(&r, 1);
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 1);
	run_end(&r);
}

/* Statuses after a close: 75 sends again, and the close is asked for again, too. */
static void
a_close_holds_until_all_lines_have_their_fate(void **state)
{
	(void)state;
	run_begin(&r, SHELL("printf x >>\"$T\"; head -n 2; cat >/dev/null; "
			    "[ $(wc -c <\"$T\") -gt 2 ] || exit 75; exit 65"));
	r.leap = true;
	make_room(&r, 10, 10);
	for (int i = 0; i < 7; i++)
		send_unit(&r, 1);
	eg_child_close(r.child);
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 3);
	assert_int_equal(count_of(r.refused, "\n"), 1);
	run_end(&r);
}

static void
after_a_close_0_refuses_nothing(void **state)
{
	(void)state;
	run_begin(&r, SHELL("printf x >>\"$T\"; [ $(wc -c <\"$T\") -gt 1 ] && exec cat; sed 3q; exit 0"));
	make_room(&r, 10, 10);
	for (int i = 0; i < 7; i++)
		send_unit(&r, 1);
	eg_child_close(r.child);
	run_out(&r);
	assert_int_equal(r.refused_len, 0);
	assert_int_equal(eg_child_starts(r.child), 2);
	assert_non_null(strstr(said(&r), "ended with status 0"));
	run_end(&r);
}

/* Until the child has made its file T, in which it says that it has its traps. */
static void
run_until_begun(void)
{
	for (int i = 0; i < PATIENCE_MS / 10 && access(getenv("T"), F_OK) != 0; i++)
		assert_int_equal(run_for(&r, 10), 0);
	assert_int_equal(access(getenv("T"), F_OK), 0);
}

static void
a_dropped_child_is_heard_no_more(void **state)
{
	(void)state;
	run_begin(&r, SHELL("trap 'cat; sleep 0.1; exit 0' TERM; printf x >>\"$T\"; "
			    "[ $(wc -c <\"$T\") -gt 1 ] && exec cat; while :; do sleep 0.01; done"));
	make_room(&r, 20, 20);
	for (int i = 0; i < 10; i++)
		send_unit(&r, 1);
	run_until_begun();
	eg_child_drop(r.child, 5000);
	assert_int_equal(r.dropped, 10);
	assert_true(eg_child_running(r.child));
	r.settled = 10;
	r.dropped = 0;
	send_unit(&r, 1);
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 2);
	assert_null(strstr(said(&r), "test: "));
	run_end(&r);
}

static void
what_an_ended_child_had_is_given_to_the_next(void **state)
{
	int64_t old;

	(void)state;
	run_begin(&r, SHELL("if [ -e \"$T\" ]; then exec cat; fi; touch \"$T\"; exec cat >/dev/null"));
	make_room(&r, 20, 20);
	for (int i = 0; i < 10; i++)
		send_unit(&r, 1);
	run_until_begun();
	old = eg_child_oldest(r.child);
	eg_child_again(r.child, 5000);
	assert_true(eg_child_oldest(r.child) > old);
	assert_int_equal(r.dropped, 0);
	run_out(&r);
	assert_int_equal(r.settled, 10);
	assert_int_equal(eg_child_starts(r.child), 2);
	assert_null(strstr(said(&r), "test: "));
	run_end(&r);
}

static void
a_child_that_ignores_TERM_is_killed_after_the_grace(void **state)
{
	int64_t begin;

	(void)state;
	run_begin(&r, SHELL("trap '' TERM; : >\"$T\"; cat | sleep 1000"));
	make_room(&r, 1, 10);
	send_unit(&r, 1);
	run_until_begun();
	begin = eg_mono_ms();
	eg_child_drop(r.child, 300);
	run_until_gone(&r);
	assert_in_range(eg_mono_ms() - begin, 290, 3000);
	run_end(&r);
}

static void
freeing_kills_at_once(void **state)
{
	int64_t begin;

	(void)state;
	run_begin(&r, SHELL("trap '' TERM; sleep 1000"));
	make_room(&r, 1, 10);
	send_unit(&r, 1);
	assert_int_equal(run_for(&r, 100), 0);
	begin = eg_mono_ms();
	run_end(&r);
	assert_true(eg_mono_ms() - begin < 2000);
	assert_int_equal(r.dropped, 1);
}

static void
a_child_that_closes_its_input_gets_ten_seconds(void **state)
{
	(void)state;
	run_begin(&r, SHELL("[ -e \"$T\" ] && exec cat; : >\"$T\"; exec 0<&-; exec sleep 1000"));
	make_room(&r, 10, 20000);
	for (int i = 0; i < 10; i++)
		send_unit(&r, 2000);
	assert_int_equal(run_for(&r, 300), 0);
	assert_true(eg_child_running(r.child));
	assert_true(r.wakes < 20);
	leapt_ms += 10 * 1000;
	run_out(&r);
	assert_int_equal(eg_child_starts(r.child), 2);
	assert_non_null(strstr(said(&r), "closed its input or output, but did not end"));
	run_end(&r);
}

static void
a_child_that_closes_its_output_gets_ten_seconds(void **state)
{
	(void)state;
	run_begin(&r, SHELL("[ -e \"$T\" ] && exec cat; : >\"$T\"; exec cat >&-; exec sleep 1000"));
	make_room(&r, 1, 10);
	send_unit(&r, 10);
	run_out(&r);
	run_end(&r);
	run_begin(&r, SHELL("[ -e \"$T\" ] && exec cat; : >\"$T\"; exec >&-; exec sleep 1000"));
	make_room(&r, 1, 10);
	send_unit(&r, 10);
	assert_int_equal(run_for(&r, 300), 0);
	assert_true(r.wakes < 20);
	leapt_ms += 10 * 1000;
	run_out(&r);
	run_end(&r);
}

/* So few descriptors that pidfd_open(2) fails, as it does on an old kernel; those
 * that are in the way are closed in the child. */
static void
an_end_is_seen_without_a_pidfd(void **state)
{
	struct pollfd fds[EG_CHILD_FDS];
	int64_t due = INT64_MAX;
	struct rlimit was, few;
	int next;

	(void)state;
	run_begin(&r, SHELL("printf x >>\"$T\"; [ $(wc -c <\"$T\") -gt 2 ] && exec cat; "
			    "sleep 1000 & head -n 1; exit 75"));
	make_room(&r, 10, 10);
	for (int i = 0; i < 10; i++)
		send_unit(&r, 1);
	do {
		next = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	} while (next < 200);
	getrlimit(RLIMIT_NOFILE, &was);
	few = was;
	/* The pipes to and from it, and the one that tells of exec. */
	few.rlim_cur = (rlim_t)next + 1 + 6;
	setrlimit(RLIMIT_NOFILE, &few);
	r.leap = true;
	assert_int_equal(turn(&r), 0);
	eg_child_poll(r.child, fds, &due);
	assert_int_equal(fds[2].fd, -1);
	assert_in_range(due, 0, eg_mono_ms() + 20);
	run_out(&r);
	eg_child_close(r.child);
	run_until_gone(&r);
	setrlimit(RLIMIT_NOFILE, &was);
	for (int fd = next; fd > 100; fd--)
		close(fd);
	assert_int_equal(eg_child_starts(r.child), 3);
	run_end(&r);
}

static void
too_few_descriptors_are_waited_out(void **state)
{
	struct rlimit was, few;

	(void)state;
	run_begin(&r, SHELL("exec cat"));
	make_room(&r, 1, 10);
	send_unit(&r, 1);
	getrlimit(RLIMIT_NOFILE, &was);
	few = was;
	few.rlim_cur = 4;
	setrlimit(RLIMIT_NOFILE, &few);
	assert_int_equal(run_for(&r, 100), 0);
	setrlimit(RLIMIT_NOFILE, &was);
	run_out(&r);
	assert_non_null(strstr(said(&r), "cannot run 'sh': Too many open files"));
	run_end(&r);
}

static void
an_ignored_SIGCHLD_does_not_take_the_status(void **state)
{
	(void)state;
	signal(SIGCHLD, SIG_IGN);
	eg_signals_init();
	run_begin(&r, SHELL("cat >/dev/null; exit 65"));
	make_room(&r, 1, 10);
	send_unit(&r, 3);
	eg_child_close(r.child);
	run_out(&r);
	assert_int_equal(count_of(r.refused, "\n"), 3);
	run_end(&r);
}

static void
a_child_has_its_signals_at_their_defaults(void **state)
{
	(void)state;
	/* INT, USR1, PIPE, TERM and CHLD; what nohup(1) or a shell's & has ignored stays so. */
	run_begin(&r, SHELL("ignored=0x$(sed -n 's/^SigIgn:.//p' /proc/self/status)\n"
			    "blocked=0x$(sed -n 's/^SigBlk:.//p' /proc/self/status)\n"
			    "[ $((ignored & 0x15202)) = 0 ] && [ $((blocked)) = 0 ] || exit 1\n"
			    "exec cat"));
	make_room(&r, 1, 10);
	send_unit(&r, 3);
	eg_child_close(r.child);
	run_out(&r);
	assert_string_equal(said(&r), "");
	run_end(&r);
}

/* As the program of awk below says it: the last digit does not count. */
static bool
with_a_seven_and_a_five(const char *line, size_t n)
{
	size_t len = (size_t)(strchr(line, '\n') - line) - 1;

	(void)n;
	return memchr(line, '7', len) != NULL && memchr(line, '5', len) != NULL;
}

static void
exactly_the_lines_left_out_are_refused(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 5; seed++) {
		run_begin(&r, SHELL("awk '{ v = substr($0, 1, length($0) - 1) } "
				    "!(v ~ /7/ && v ~ /5/) { print } END { exit 65 }'"));
		make_room(&r, 1000, 20000);
		srand(seed);
		for (int i = 0; i < 1000; i++) {
			send_unit(&r, 1 + (size_t)rand() % 20);
			if (rand() % 20 == 0)
				assert_int_equal(turn(&r), 0);
		}
		eg_child_close(r.child);
		run_out(&r);
		assert_refused(&r, with_a_seven_and_a_five);
		assert_true(r.refused_len > 0);
		assert_int_equal(eg_child_starts(r.child), 1);
		run_end(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_closed_child_settles_ends_and_is_followed_by_another),
		T(closing_writes_all_that_is_queued_first),
		T(what_is_sent_after_a_close_is_for_the_next_child),
		T(closing_with_nothing_there_does_nothing),
		T(a_close_holds_until_all_lines_have_their_fate),
		T(after_a_close_0_refuses_nothing),
		T(a_dropped_child_is_heard_no_more),
		T(what_an_ended_child_had_is_given_to_the_next),
		T(a_child_that_ignores_TERM_is_killed_after_the_grace),
		T(freeing_kills_at_once),
		T(a_child_that_closes_its_input_gets_ten_seconds),
		T(a_child_that_closes_its_output_gets_ten_seconds),
		T(an_end_is_seen_without_a_pidfd),
		T(too_few_descriptors_are_waited_out),
		T(an_ignored_SIGCHLD_does_not_take_the_status),
		T(a_child_has_its_signals_at_their_defaults),
		T(exactly_the_lines_left_out_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
