/* SPDX-License-Identifier: MIT */
/* How far one acknowledgement reaches, whatever the order of the receipts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "amqp/delivery_tags.h"

static struct eg_position
at(int64_t offset)
{
	return (struct eg_position){ offset, (uint64_t)offset + 7 };
}

static void
only_a_contiguous_stretch_is_done(void **state)
{
	struct eg_delivery_tags t = { .at = EG_POSITION_NONE };

	(void)state;
	for (int64_t i = 0; i < 5; i++)
		assert_int_equal(eg_delivery_tags_add(&t, at(100 + i)), 0);
	eg_delivery_tags_settle(&t, 2);
	eg_delivery_tags_settle(&t, 4);
	assert_int_equal(t.done, 0);
	assert_int_equal(t.at.offset, -1);
	eg_delivery_tags_settle(&t, 1);
	assert_int_equal(t.done, 2);
	assert_int_equal(t.at.offset, 101);
	eg_delivery_tags_settle(&t, 3);
	assert_int_equal(t.done, 4);
	assert_int_equal(t.pending, 1);
	eg_delivery_tags_reset(&t);
	assert_int_equal(eg_delivery_tags_add(&t, at(-1)), 0);
	eg_delivery_tags_settle(&t, 1);
	assert_int_equal(t.done, 1);
	assert_int_equal(t.at.offset, 103);
	assert_int_equal(t.at.print, 110);
	eg_delivery_tags_free(&t);
}

static void
the_first_can_be_skipped(void **state)
{
	struct eg_delivery_tags t = { .at = EG_POSITION_NONE };

	(void)state;
	eg_delivery_tags_skip_first(&t);
	assert_int_equal(t.acked, 1);
	assert_int_equal(t.pending, 0);
	assert_int_equal(eg_delivery_tags_add(&t, at(8)), 0);
	eg_delivery_tags_settle(&t, 2);
	assert_int_equal(t.done, 2);
	assert_int_equal(t.at.offset, 8);
	eg_delivery_tags_free(&t);
}

static void
any_number_may_be_pending_and_settled_backwards(void **state)
{
	enum { N = 5000 };
	struct eg_delivery_tags t = { .at = EG_POSITION_NONE };

	(void)state;
	for (uint64_t round = 0; round < 3; round++) {
		for (uint64_t i = 1; i <= N; i++)
			assert_int_equal(eg_delivery_tags_add(&t, at((int64_t)(round * N + i))), 0);
		for (uint64_t i = N; i > 1; i--)
			eg_delivery_tags_settle(&t, round * N + i);
		assert_int_equal(t.done, round * N);
		eg_delivery_tags_settle(&t, round * N + 1);
		assert_int_equal(t.done, (round + 1) * N);
		assert_int_equal(t.at.offset, (round + 1) * N);
		assert_int_equal(t.pending, 0);
		t.acked = t.done;
	}
	eg_delivery_tags_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_contiguous_stretch_is_done),
		cmocka_unit_test(the_first_can_be_skipped),
		cmocka_unit_test(any_number_may_be_pending_and_settled_backwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
