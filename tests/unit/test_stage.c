/* SPDX-License-Identifier: MIT */
/* The stage's loop in one process: what a sink is offered, and what becomes receipts.
 * Pipes, signals and time limits are in tests/cli/stage.bats. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/options.h"
#include "base/wait.h"
#include "said.h"
#include "stage/stage.h"

enum { FLIGHTS = 8 };

/* Keeps what it is sent and ends it, the last first, when it is asked to work. */
struct sink {
	struct eg_batch *flying[FLIGHTS];
	size_t n, most, sizes[64], bytes[64], batches;
	size_t shorten, fail_at, wrong;
	int64_t order[16]; /* of the records, as they come */
	size_t orders;
	const char *refuse; /* records whose line holds it */
	int64_t away_since;
};

static bool
ready(void *self)
{
	return ((struct sink *)self)->n < FLIGHTS;
}

static int
take(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct sink *s = self;

	if (s->batches + 1 == s->fail_at)
		return eg_fail(e, EG_CONFIG, "no such bucket");
	if (s->shorten > 0 && b->n > s->shorten)
		eg_batch_shorten(b, s->shorten);
	for (size_t i = 0; i < b->n && s->orders < 16; i++)
		s->order[s->orders++] = b->rec[i].order;
	s->sizes[s->batches] = b->n;
	s->bytes[s->batches++] = b->bytes;
	s->flying[s->n++] = b;
	if (s->n > s->most)
		s->most = s->n;
	return 0;
}

static int
take_and_end(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct sink *s = self;

	if (take(s, b, e) != 0)
		return -1;
	s->n--;
	eg_batch_done(b);
	return 0;
}

static int
work(void *self, struct eg_error *e)
{
	struct sink *s = self;

	(void)e;
	while (s->n > 0) {
		struct eg_batch *b = s->flying[--s->n];

		for (size_t i = 0; s->refuse != NULL && i < b->n; i++)
			if (memmem(b->rec[i].line, b->rec[i].len, s->refuse, strlen(s->refuse)) != NULL) {
				eg_batch_refuse(b, i, "the sink does not like it");
				eg_batch_refuse(b, i, "twice is once");
			}
		eg_batch_done(b);
	}
	return 0;
}

static int
wait_for(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e)
{
	struct sink *s = self;

	(void)e;
	(void)eg_wait_fds(fds, n, s->n > 0 ? 0 : due);
	return 0;
}

static int64_t
away(void *self)
{
	return ((struct sink *)self)->away_since;
}

/* The peer is gone from the moment that records are there for it. */
static bool
never(void *self)
{
	struct sink *s = self;

	if (s->away_since == 0)
		s->away_since = eg_mono_ms();
	return false;
}

/* The time limit for the peer passes while the end of the input is read. */
static int
wait_long(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e)
{
	static int waits;

	if (++waits == 2)
		((struct sink *)self)->away_since = eg_mono_ms() - 60;
	return wait_for(self, fds, n, due, e);
}

static struct sink script;
static struct eg_sink sink;
static char out[1024 * 1024];
static const char *said;

static int
begin(void **state)
{
	(void)state;
	eg_diag_init("test");
	script = (struct sink){ 0 };
	sink = (struct eg_sink){ .self = &script, .batch_records = 2, .batch_bytes = 4096,
		.flights = FLIGHTS, .ready = ready, .send = take, .wait = wait_for, .work = work };
	return 0;
}

/* Runs a stage over the text; what comes out lies in out, what is said in said. */
static int
run(const char *in, const struct eg_common *common)
{
	const struct eg_common usual = { 0 };
	int was[2] = { dup(STDIN_FILENO), dup(STDOUT_FILENO) };
	int fd[2] = { memfd_create("in", MFD_CLOEXEC), memfd_create("out", MFD_CLOEXEC) };
	int status;
	ssize_t n;

	assert_int_equal(write(fd[0], in, strlen(in)), strlen(in));
	lseek(fd[0], 0, SEEK_SET);
	fflush(stdout);
	for (int i = 0; i < 2; i++)
		dup2(fd[i], i);
	said_begin();
	status = eg_stage_run(&sink, common != NULL ? common : &usual, NULL);
	said = said_end();
	n = pread(fd[1], out, sizeof(out) - 1, 0);
	out[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < 2; i++) {
		dup2(was[i], i);
		close(was[i]);
		close(fd[i]);
	}
	return status;
}

#define R(n) "s" #n ":2026-11-23T14:18:36:" #n "\n"
#define SEVEN R(1) R(2) R(3) R(4) R(5) R(6) R(7)

static void
receipts_are_the_input_in_order_though_batches_end_in_another(void **state)
{
	(void)state;
	assert_int_equal(run(SEVEN, NULL), EG_OK);
	assert_string_equal(out, SEVEN);
	assert_string_equal(said, "");
	assert_int_equal(script.most, 4);
	assert_int_equal(script.batches, 4);
	assert_int_equal(script.sizes[0], 2);
	assert_int_equal(script.bytes[0], 2 * strlen(R(1)));
	assert_int_equal(script.sizes[3], 1);
}

static void
a_sink_without_wait_and_work_does_all_in_send(void **state)
{
	(void)state;
	sink.send = take_and_end;
	sink.wait = NULL;
	sink.work = NULL;
	assert_int_equal(run(SEVEN, NULL), EG_OK);
	assert_string_equal(out, SEVEN);
}

static void
a_batch_holds_no_more_bytes_than_the_sink_takes_but_one_record_always(void **state)
{
	(void)state;
	sink.batch_records = 100;
	sink.batch_bytes = 3 * strlen(R(1)) + 1;
	assert_int_equal(run(SEVEN, NULL), EG_OK);
	assert_string_equal(out, SEVEN);
	for (size_t i = 0; i < script.batches; i++)
		assert_true(script.bytes[i] <= sink.batch_bytes);
	assert_int_equal(script.sizes[0], 3);
	begin(NULL);
	sink.batch_bytes = 1;
	assert_int_equal(run(SEVEN, NULL), EG_OK);
	assert_string_equal(out, SEVEN);
	assert_int_equal(script.batches, 7);
}

static void
what_a_sink_leaves_of_a_batch_comes_with_the_next(void **state)
{
	(void)state;
	sink.batch_records = 100;
	script.shorten = 3;
	assert_int_equal(run(SEVEN, NULL), EG_OK);
	assert_string_equal(out, SEVEN);
	assert_int_equal(script.batches, 3);
	assert_int_equal(script.sizes[2], 1);
}

static void
a_refused_record_has_no_receipt_and_is_told_once(void **state)
{
	(void)state;
	script.refuse = "s3:";
	assert_int_equal(run(SEVEN, NULL), EG_REFUSED);
	assert_string_equal(out, R(1) R(2) R(4) R(5) R(6) R(7));
	assert_string_equal(said, "test: warning: line 3: the sink does not like it: "
				  "'s3:2026-11-23T14:18:36:3'\n");
}

static void
a_line_that_is_no_record_never_reaches_the_sink(void **state)
{
	struct eg_common common = { .verbose = 1 };

	(void)state;
	assert_int_equal(run(R(1) "\n# a note\nnonsense\n" R(2), &common), EG_REFUSED);
	assert_string_equal(out, R(1) R(2));
	assert_int_equal(script.batches, 1);
	assert_int_equal(script.bytes[0], 2 * strlen(R(1)));
	assert_string_equal(said, "test: warning: line 4: a colon is missing: not "
				  "sensor:timestamp:value: 'nonsense'\n"
				  "test: in 3 = out 2 + refused 1 + pending 0\n");
}

static void
records_carry_the_order_of_the_last_order_line(void **state)
{
	static const int64_t expected[] = { 0, 17, 17, 5 };

	(void)state;
	assert_int_equal(run(R(1) "#eg-order 17\n" R(2) "\n# a note\n" R(3) "#eg-order 5\n" R(4), NULL), EG_OK);
	assert_string_equal(out, R(1) R(2) R(3) R(4));
	assert_int_equal(script.orders, 4);
	assert_memory_equal(script.order, expected, sizeof(expected));
}

static int
take_and_check(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct sink *s = self;
	size_t bytes = 0;

	(void)e;
	for (size_t i = 0; i < b->n; i++) {
		s->wrong += b->rec[i].line[b->rec[i].len] != '\n';
		bytes += b->rec[i].len + 1U;
	}
	s->wrong += b->bytes != bytes || bytes > sink.batch_bytes;
	s->flying[s->n++] = b;
	return 0;
}

/* Several times the input that may be pending, with gaps between the records. */
static void
receipts_skip_what_is_no_record_and_what_is_refused_wherever_it_is(void **state)
{
	enum { LINES = 20000, SIZE = 64 };
	char *in = malloc((size_t)LINES * SIZE), *want = malloc((size_t)LINES * SIZE);
	char *i = in, *w = want;
	unsigned dice = 1;

	(void)state;
	assert_non_null(in);
	assert_non_null(want);
	for (int n = 0; n < LINES; n++) {
		int kind = (dice = dice * 1103515245 + 12345) >> 16 & 63, len;

		len = snprintf(i, SIZE, "%s%d:2026-11-23T%02d:18:36%s:%d\n", kind == 0 ? "#" : kind == 1 ?
		    "refused" : "s", n, n / 3600 % 24, kind == 2 ? ".5" : kind == 3 ? "x" : "", n);
		if (kind != 0 && kind != 1 && kind != 3)
			w = (char *)memcpy(w, i, (size_t)len) + len;
		i += len;
	}
	*w = '\0';
	sink.send = take_and_check;
	sink.input_bytes = 64 * 1024;
	sink.batch_records = 100;
	script.refuse = "refused";
	assert_int_equal(run(in, NULL), EG_REFUSED);
	assert_true(strcmp(out, want) == 0);
	assert_int_equal(script.wrong, 0);
	free(in);
	free(want);
}

static void
a_failure_of_the_sink_is_the_status_and_what_is_safe_is_told(void **state)
{
	(void)state;
	sink.send = take_and_end;
	script.fail_at = 3;
	assert_int_equal(run(SEVEN, NULL), EG_CONFIG);
	assert_string_equal(out, R(1) R(2) R(3) R(4));
	assert_string_equal(said, "test: fatal: no such bucket\n");
}

static void
a_peer_that_is_away_is_given_up_after_the_timeout(void **state)
{
	struct eg_common common = { .timeout_ms = 50 };

	(void)state;
	sink.ready = never;
	sink.away = away;
	assert_int_equal(run(R(1) R(2), &common), EG_TEMPORARY);
	assert_string_equal(out, "");
	assert_string_equal(said, "test: fatal: gave up waiting for the peer with 2 records "
				  "without a receipt\n");
}

static void
refused_records_do_not_wait_for_a_peer(void **state)
{
	struct eg_common common = { .timeout_ms = 50 };

	(void)state;
	sink.wait = wait_long;
	sink.away = away;
	assert_int_equal(run("no record\n", &common), EG_REFUSED);
	assert_null(strstr(said, "gave up"));
	assert_int_not_equal(script.away_since, 0);
}

static void
no_input_is_a_success_and_nothing_is_sent(void **state)
{
	(void)state;
	assert_int_equal(run("", NULL), EG_OK);
	assert_string_equal(out, "");
	assert_string_equal(said, "");
	assert_int_equal(script.batches, 0);
}

#define T(f) cmocka_unit_test_setup(f, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(receipts_are_the_input_in_order_though_batches_end_in_another),
		T(a_sink_without_wait_and_work_does_all_in_send),
		T(a_batch_holds_no_more_bytes_than_the_sink_takes_but_one_record_always),
		T(what_a_sink_leaves_of_a_batch_comes_with_the_next),
		T(a_refused_record_has_no_receipt_and_is_told_once),
		T(a_line_that_is_no_record_never_reaches_the_sink),
		T(records_carry_the_order_of_the_last_order_line),
		T(receipts_skip_what_is_no_record_and_what_is_refused_wherever_it_is),
		T(a_failure_of_the_sink_is_the_status_and_what_is_safe_is_told),
		T(a_peer_that_is_away_is_given_up_after_the_timeout),
		T(refused_records_do_not_wait_for_a_peer),
		T(no_input_is_a_success_and_nothing_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
