/* SPDX-License-Identifier: MIT */
/* Reasons for refusals by kind: what differs in numbers or quoted texts is one kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/reject_kinds.h"

static void
numbers_and_quoted_texts_make_no_other_kind(void **state)
{
	struct eg_reject_kinds k = { .n = 0 };

	(void)state;
	assert_int_equal(eg_reject_kinds_add(&k, "f:1", "3 columns where 2 are wanted")->count, 1);
	assert_int_equal(eg_reject_kinds_add(&k, "f:2", "14 columns where 2 are wanted")->count, 2);
	assert_int_equal(eg_reject_kinds_add(&k, "f:3", "both would be named 'a'")->count, 1);
	assert_int_equal(eg_reject_kinds_add(&k, "f:4", "both would be named 'bc'")->count, 2);
	assert_int_equal(eg_reject_kinds_add(&k, "f:5", "both would be named a")->count, 1);
	assert_int_equal(eg_reject_kinds_add(&k, "f:6", "3 columns where 2 are")->count, 1);
	assert_int_equal(k.n, 4);
	assert_string_equal(k.at[0].place, "f:1");
	assert_string_equal(k.at[0].reason, "3 columns where 2 are wanted");
}

static void
a_name_holds_nothing_of_a_reading(void **state)
{
	struct eg_reject_kinds k = { .n = 0 };
	char name[EG_REJECT_KIND_TEXT], cut[400];

	(void)state;
	(void)eg_reject_kinds_add(&k, "", "13 columns, 'a b' is \"no\" time\n");
	assert_string_equal(eg_reject_kind_name(&k.at[0], name), "0 columns, '...' is _no_ time_");
	memset(cut, 'x', sizeof(cut) - 1);
	cut[0] = '\'';
	cut[sizeof(cut) - 1] = '\0';
	(void)eg_reject_kinds_add(&k, "", cut);
	assert_string_equal(eg_reject_kind_name(&k.at[1], name), "'...'");
	memset(cut, 'y', sizeof(cut) - 1);
	(void)eg_reject_kinds_add(&k, "", cut);
	assert_int_equal(strlen(eg_reject_kind_name(&k.at[2], name)), EG_REJECT_KIND_TEXT - 1);
}

static void
the_last_kind_takes_what_comes_after_it(void **state)
{
	struct eg_reject_kinds k = { .n = 0 };
	char reason[8] = "";
	uint64_t all = 0;

	(void)state;
	for (int i = 0; i < 40; i++) {
		reason[0] = (char)('A' + i);
		(void)eg_reject_kinds_add(&k, "f:1", reason);
	}
	assert_int_equal(k.n, EG_REJECT_KINDS);
	for (size_t i = 0; i < k.n; i++)
		all += k.at[i].count;
	assert_int_equal(all, 40);
	assert_string_equal(k.at[EG_REJECT_KINDS - 1].reason, "other reasons");
	assert_int_equal(k.at[EG_REJECT_KINDS - 1].count, 9);
}

static void
a_reason_that_is_cut_short_stays_one_kind(void **state)
{
	struct eg_reject_kinds k = { .n = 0 };
	char reason[320];

	(void)state;
	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	assert_int_equal(eg_reject_kinds_add(&k, "f:1", reason)->count, 1);
	assert_int_equal(eg_reject_kinds_add(&k, "f:2", reason)->count, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_quoted_texts_make_no_other_kind),
		cmocka_unit_test(a_name_holds_nothing_of_a_reading),
		cmocka_unit_test(the_last_kind_takes_what_comes_after_it),
		cmocka_unit_test(a_reason_that_is_cut_short_stays_one_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
