/* SPDX-License-Identifier: MIT */
/* How many messages a consumer asks for, by their size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "amqp/room.h"
#include "base/diag.h"

enum { MIB = 1024 * 1024 };

static struct eg_delivery
of_size(size_t bytes)
{
	return (struct eg_delivery){ .want = bytes };
}

static void
note(struct eg_room *r, size_t bytes, int times)
{
	struct eg_delivery d = of_size(bytes);

	while (times-- > 0)
		eg_room_note(r, &d);
}

static void
bytes_are_bounded_but_one_is_always_taken(void **state)
{
	struct eg_room r = { .start = 300, .most = 300, .prefetch = 300 };
	struct eg_delivery large = of_size(100 * MIB), small = of_size(MIB);
	struct eg_error e = { 0 };

	(void)state;
	assert_true(eg_room_fits(&r, &large));
	assert_int_equal(eg_delivery_admit(&small, &r.held, &e), 0);
	assert_false(eg_room_fits(&r, &large));
	assert_true(eg_room_fits(&r, &small));
	eg_delivery_hold(&small, 39 * MIB);
	assert_false(eg_room_fits(&r, &small));
	assert_int_equal(r.held.n, 1);
	free(small.body);
}

static void
the_prefetch_shrinks_to_what_fits_and_grows_again(void **state)
{
	struct eg_room r = { .start = 300, .most = 300, .prefetch = 300 };

	(void)state;
	note(&r, 4 * MIB, 10);
	eg_room_shrink(&r);
	assert_int_equal(r.prefetch, 9);
	assert_int_equal(eg_room_larger(&r), 0);
	note(&r, 100, 10);
	assert_int_equal(eg_room_larger(&r), 0);
	note(&r, 100, 1000);
	assert_int_equal(eg_room_larger(&r), 300);
	eg_room_use(&r, 300);
	note(&r, 100, 1000);
	assert_int_equal(eg_room_larger(&r), 0);
}

static void
it_grows_in_few_steps_and_to_the_end(void **state)
{
	struct eg_room r = { .start = 300, .most = 300, .prefetch = 300 };
	int steps = 0;

	(void)state;
	note(&r, 6 * MIB, 1);
	eg_room_shrink(&r);
	assert_int_equal(r.prefetch, 6);
	for (int i = 0; i < 1000; i++) {
		unsigned larger;

		note(&r, 100, 1);
		larger = eg_room_larger(&r);
		steps += larger > 0;
		if (larger > 0)
			eg_room_use(&r, larger);
	}
	assert_int_equal(r.prefetch, 300);
	assert_int_equal(steps, 3);
}

static void
it_grows_beyond_the_start_for_small_messages_only(void **state)
{
	struct eg_room r = { .start = 300, .most = 4000, .prefetch = 300 };

	(void)state;
	note(&r, 100, 299);
	assert_int_equal(eg_room_larger(&r), 0); /* not known yet */
	note(&r, 100, 1);
	assert_int_equal(eg_room_larger(&r), 4000);
	note(&r, 34 * 1000, 1); /* as eg-publish --batch 1000 sends them */
	assert_int_equal(eg_room_larger(&r), 0);
	r.largest = 0;
	note(&r, 5000, 300);
	assert_in_range(eg_room_larger(&r), 1200, 10 * MIB / 5000);
}

static void
it_shrinks_each_time_to_one_at_last(void **state)
{
	struct eg_room r = { .start = 300, .most = 300, .prefetch = 300 };

	(void)state;
	note(&r, 100 * MIB, 1);
	eg_room_shrink(&r);
	assert_int_equal(r.prefetch, 1);
	r.prefetch = 3;
	note(&r, 100, 10000);
	eg_room_shrink(&r);
	assert_int_equal(r.prefetch, 1);
	eg_room_shrink(&r);
	assert_int_equal(r.prefetch, 1);
}

static void
two_subscriptions_together_never_pass_the_limit(void **state)
{
	struct eg_room r = { .start = 300, .most = 65535, .prefetch = 300 };

	(void)state;
	eg_room_use(&r, 65536);
	assert_int_equal(r.prefetch, 65535);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_bounded_but_one_is_always_taken),
		cmocka_unit_test(the_prefetch_shrinks_to_what_fits_and_grows_again),
		cmocka_unit_test(it_grows_in_few_steps_and_to_the_end),
		cmocka_unit_test(it_grows_beyond_the_start_for_small_messages_only),
		cmocka_unit_test(it_shrinks_each_time_to_one_at_last),
		cmocka_unit_test(two_subscriptions_together_never_pass_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
