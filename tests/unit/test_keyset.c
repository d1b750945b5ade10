/* SPDX-License-Identifier: MIT */
/* Tests of lib/record/keyset: which keys are on their way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "record/keyset.h"
#include "record/record.h"

enum { MANY = 5000 };

static char text[2 * MANY][64];
static struct eg_record rec[2 * MANY];

static int
make_records(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * MANY; i++) {
		int len = snprintf(text[i], sizeof(text[i]), "sensor%d:2026-11-23T14:18:%02d:%d",
		    i / 60, i % 60, i);

		if (eg_record_parse(text[i], (size_t)len, &rec[i]) != EG_FAULT_NONE)
			return -1;
	}
	return 0;
}

static void
it_knows_what_it_holds_and_nothing_else(void **state)
{
	struct eg_keyset k = { 0 };
	struct eg_error e = { 0 };

	(void)state;
	assert_int_equal(eg_keyset_open(&k, MANY, &e), 0);
	assert_int_equal(eg_keyset_find(&k, rec, MANY, INT64_MIN, INT64_MAX), MANY);
	eg_keyset_fill(&k, rec, MANY, INT64_MIN, INT64_MAX);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(eg_keyset_find(&k, rec + i, 1, INT64_MIN, INT64_MAX), 0);
	assert_int_equal(eg_keyset_find(&k, rec + MANY, MANY, INT64_MIN, INT64_MAX), MANY);
	assert_int_equal(eg_keyset_find(&k, rec + MANY - 7, MANY, INT64_MIN, INT64_MAX), 0);
	eg_keyset_fill(&k, rec + MANY + 9, 1, INT64_MIN, INT64_MAX);
	assert_int_equal(eg_keyset_find(&k, rec, MANY, INT64_MIN, INT64_MAX), MANY);
	assert_int_equal(eg_keyset_find(&k, rec + MANY, MANY, INT64_MIN, INT64_MAX), 9);
	eg_keyset_close(&k);
}

static void
only_a_span_of_time_counts(void **state)
{
	struct eg_keyset k = { 0 };
	struct eg_error e = { 0 };

	(void)state;
	assert_int_equal(eg_keyset_open(&k, MANY, &e), 0);
	eg_keyset_fill(&k, rec, 60, rec[10].ns, rec[20].ns);
	assert_int_equal(eg_keyset_find(&k, rec, 60, INT64_MIN, INT64_MAX), 10);
	assert_int_equal(eg_keyset_find(&k, rec, 60, rec[20].ns, INT64_MAX), 20);
	assert_int_equal(eg_keyset_find(&k, rec, 60, rec[21].ns, INT64_MAX), 60);
	assert_int_equal(eg_keyset_find(&k, rec, 60, INT64_MIN, rec[9].ns), 60);
	eg_keyset_close(&k);
}

static void
the_same_instant_in_another_zone_is_the_same_key(void **state)
{
	static const char here[] = "s:2026-11-23T15:00:00+01:00:1", there[] = "s:2026-11-23T14:00:00Z:2",
	    longer[] = "sensor-with-a-long-name:2026-11-23T14:00:00Z:2",
	    other[] = "sensor-with-a-long-namf:2026-11-23T14:00:00Z:2";
	struct eg_record a, b, c, d;
	struct eg_keyset k = { 0 };
	struct eg_error e = { 0 };

	(void)state;
	assert_int_equal(eg_record_parse(here, strlen(here), &a), EG_FAULT_NONE);
	assert_int_equal(eg_record_parse(there, strlen(there), &b), EG_FAULT_NONE);
	assert_int_equal(eg_record_parse(longer, strlen(longer), &c), EG_FAULT_NONE);
	assert_int_equal(eg_record_parse(other, strlen(other), &d), EG_FAULT_NONE);
	assert_int_equal(eg_keyset_open(&k, 1, &e), 0);
	eg_keyset_fill(&k, &a, 1, INT64_MIN, INT64_MAX);
	assert_int_equal(eg_keyset_find(&k, &b, 1, INT64_MIN, INT64_MAX), 0);
	assert_int_equal(eg_keyset_find(&k, &c, 1, INT64_MIN, INT64_MAX), 1);
	eg_keyset_fill(&k, &c, 1, INT64_MIN, INT64_MAX);
	assert_int_equal(eg_keyset_find(&k, &c, 1, INT64_MIN, INT64_MAX), 0);
	assert_int_equal(eg_keyset_find(&k, &d, 1, INT64_MIN, INT64_MAX), 1);
	eg_keyset_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_knows_what_it_holds_and_nothing_else),
		cmocka_unit_test(only_a_span_of_time_counts),
		cmocka_unit_test(the_same_instant_in_another_zone_is_the_same_key),
	};

	return cmocka_run_group_tests(tests, make_records, NULL);
}
