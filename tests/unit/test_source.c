/* SPDX-License-Identifier: MIT */
/* The loop of a source: fates come back, limits hold, and no counter ever falls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/options.h"
#include "stage/source.h"

enum { CHUNKS = 3 };

#define LINE(n) "s" #n ":2026-11-23T00:00:00:1\n"

/* A source of three chunks of a line each, sent at once. */
struct fake {
	struct eg_source_loop loop;
	struct eg_chunk chunk[CHUNKS];
	int sent, settled, refused, dropped, stops, closes, given_back;
	int64_t quiet, away;
	bool endless; /* it does not come to its end */
};

static int
fake_open(void *self, struct eg_source_loop *l, struct eg_error *e)
{
	(void)e;
	assert_ptr_equal(l, &((struct fake *)self)->loop);
	return 0;
}

static void
fake_poll(void *self, struct pollfd *fds, int64_t *due)
{
	(void)self;
	(void)due;
	for (int i = 0; i < EG_SOURCE_FDS; i++)
		assert_int_equal(fds[i].fd, -1);
}

static int
fake_work(void *self, const struct pollfd *fds, struct eg_error *e)
{
	static const char *const text[CHUNKS] = { LINE(0), LINE(1), LINE(2) };
	struct fake *f = self;

	(void)fds;
	(void)e;
	for (; f->sent < CHUNKS; f->sent++) {
		struct eg_chunk *c = &f->chunk[f->sent];

		*c = (struct eg_chunk){ .text = text[f->sent], .len = strlen(text[f->sent]) };
		f->loop.run.metrics.in++;
		eg_source_send(&f->loop, c, 1);
	}
	return 0;
}

static void
fake_refused(void *self, struct eg_chunk *c, const char *line, size_t len)
{
	struct fake *f = self;

	assert_int_equal(len + 1, c->len);
	assert_memory_equal(line, c->text, len);
	f->refused++;
	f->loop.run.metrics.refused++;
}

static void
fake_settled(void *self, struct eg_chunk *c)
{
	struct fake *f = self;

	(void)c;
	f->settled++;
	f->loop.run.metrics.out = (uint64_t)(f->settled - f->refused);
}

static void
fake_dropped(void *self, struct eg_chunk *c)
{
	(void)c;
	((struct fake *)self)->dropped++;
}

static void
fake_stop(void *self)
{
	((struct fake *)self)->stops++;
}

static bool
fake_idle(void *self)
{
	(void)self;
	return true;
}

static bool
fake_ended(void *self, int64_t now)
{
	const struct fake *f = self;

	(void)now;
	return !f->endless && f->settled == CHUNKS;
}

static int64_t
fake_away(void *self)
{
	return ((const struct fake *)self)->away;
}

static int64_t
fake_quiet(void *self)
{
	return ((const struct fake *)self)->quiet;
}

static void
fake_give_back(void *self, int64_t ms)
{
	assert_true(ms >= 100);
	((struct fake *)self)->given_back++;
}

static void
fake_close(void *self, struct eg_error *e)
{
	struct fake *f = self;

	(void)e;
	f->closes++;
	assert_int_equal(f->settled + f->dropped, f->sent);
}

static int
run(struct fake *f, const char *script, int64_t timeout_ms, int64_t give_back_ms)
{
	char sh[] = "sh", c[] = "-c", text[200];
	char *const command[] = { sh, c, text, NULL };
	const struct eg_common common = { .timeout_ms = timeout_ms, .grace_ms = 10000 };
	const struct eg_source source = { .self = f, .peer = "the peer", .refused_status = EG_REFUSED,
		.give_back_ms = give_back_ms, .open = fake_open, .poll = fake_poll,
		.work = fake_work, .fate = { .refused = fake_refused, .settled = fake_settled,
		.dropped = fake_dropped }, .stop = fake_stop, .idle = fake_idle,
		.ended = fake_ended, .away = fake_away, .quiet_ms = fake_quiet,
		.give_back = fake_give_back, .close = fake_close };
	int status;

	assert_true(strlen(script) < sizeof(text));
	memcpy(text, script, strlen(script) + 1);
	status = eg_source_run(&f->loop, &source, command, &common);
	assert_int_equal(f->stops, 1);
	assert_int_equal(f->closes, 1);
	return status;
}

static void
each_chunk_has_its_fate(void **state)
{
	struct fake f = { .quiet = 10000 };

	(void)state;
	assert_int_equal(run(&f, "cat", 0, 0), EG_OK);
	assert_int_equal(f.settled, CHUNKS);
	assert_int_equal(f.refused, 0);
	assert_int_equal(f.loop.run.flow.batches.sum, CHUNKS);
}

static void
what_the_child_leaves_out_is_refused(void **state)
{
	struct fake f = { .quiet = 10000 };

	(void)state;
	assert_int_equal(run(&f, "exec sed -u 2d", 0, 0), EG_REFUSED);
	assert_int_equal(f.settled, CHUNKS);
	assert_int_equal(f.refused, 1);
}

static void
a_child_that_waits_for_more_is_asked_by_the_end_of_its_input(void **state)
{
	struct fake f = { .quiet = 50 };

	(void)state;
	assert_int_equal(run(&f, "exec awk '{ l = l $0 \"\\n\" } END { printf \"%s\", l }'", 0, 0),
	    EG_OK);
	assert_int_equal(f.settled, CHUNKS);
}

static void
without_receipts_the_time_limit_ends_it_and_no_counter_falls(void **state)
{
	struct fake f = { .quiet = 10000, .endless = true };

	(void)state;
	assert_int_equal(run(&f, "exec cat >/dev/null", 200, 0), EG_TEMPORARY);
	assert_int_equal(f.dropped, CHUNKS);
	assert_int_equal(f.loop.run.metrics.in, CHUNKS);
	assert_int_equal(f.loop.run.metrics.out, 0);
}

static void
a_peer_that_is_away_for_the_time_limit_ends_it(void **state)
{
	struct fake f = { .quiet = 10000, .endless = true, .away = eg_mono_ms() };

	(void)state;
	assert_int_equal(run(&f, "cat", 200, 0), EG_TEMPORARY);
	assert_string_equal(f.loop.run.error.text,
	    "gave up waiting for the peer with 0 records without a receipt");
}

static void
what_waits_for_long_is_given_back_and_kept_for_another_child(void **state)
{
	struct fake f = { .quiet = 10000 };

	(void)state;
	assert_int_equal(run(&f, "mkdir first 2>/dev/null && exec cat >/dev/null; exec cat", 0, 100),
	    EG_OK);
	assert_true(f.given_back >= 1);
	assert_int_equal(f.settled, CHUNKS);
}

static void
a_child_that_cannot_run_ends_it(void **state)
{
	struct fake f = { .quiet = 10000 };

	(void)state;
	assert_int_equal(run(&f, "exit 78", 0, 0), EG_CONFIG);
	assert_int_equal(f.dropped, CHUNKS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_chunk_has_its_fate),
		cmocka_unit_test(what_the_child_leaves_out_is_refused),
		cmocka_unit_test(a_child_that_waits_for_more_is_asked_by_the_end_of_its_input),
		cmocka_unit_test(without_receipts_the_time_limit_ends_it_and_no_counter_falls),
		cmocka_unit_test(a_peer_that_is_away_for_the_time_limit_ends_it),
		cmocka_unit_test(what_waits_for_long_is_given_back_and_kept_for_another_child),
		cmocka_unit_test(a_child_that_cannot_run_ends_it),
	};

	char dir[] = "/tmp/eg-source-XXXXXX";
	int rc;

	if (mkdtemp(dir) == NULL || chdir(dir) != 0)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir("first");
	rmdir(dir);
	return rc;
}
