/* SPDX-License-Identifier: MIT */
/* How long records wait, by two counters and the clock; and histograms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/flow.h"

static uint64_t
observed(const struct eg_flow *f)
{
	uint64_t n = 0;

	for (size_t i = 0; i <= EG_HISTOGRAM_BOUNDS; i++)
		n += f->latency.count[i];
	return n;
}

static char *
printed(const struct eg_flow *f, int64_t now)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	eg_flow_print(out, f, now);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
assert_has(const char *text, const char *line)
{
	if (strstr(text, line) == NULL)
		fail_msg("no '%s' in:\n%s", line, text);
}

static void
a_value_is_counted_up_to_its_bound_and_all_above(void **state)
{
	struct eg_histogram h = { .name = "x_seconds", .help = "X.", .scale = 1000,
		.bounds = { 1, 30, 1000 } };
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	eg_histogram_add(&h, 0, 1);
	eg_histogram_add(&h, 1, 2);
	eg_histogram_add(&h, 2, 4);
	eg_histogram_add(&h, 1000, 8);
	eg_histogram_add(&h, 1001, 16);
	eg_histogram_print(out, &h);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, "# HELP energyguard_x_seconds X.\n"
	    "# TYPE energyguard_x_seconds histogram\n"
	    "energyguard_x_seconds_bucket{program=\"eg-x\",le=\"0.001\"} 3\n"
	    "energyguard_x_seconds_bucket{program=\"eg-x\",le=\"0.03\"} 7\n"
	    "energyguard_x_seconds_bucket{program=\"eg-x\",le=\"1\"} 15\n"
	    "energyguard_x_seconds_bucket{program=\"eg-x\",le=\"+Inf\"} 31\n"
	    "energyguard_x_seconds_sum{program=\"eg-x\"} 24.026\n"
	    "energyguard_x_seconds_count{program=\"eg-x\"} 31\n");
	free(text);
}

static void
a_histogram_may_use_all_bounds(void **state)
{
	struct eg_flow f;

	(void)state;
	eg_flow_init(&f);
	assert_int_not_equal(f.latency.bounds[EG_HISTOGRAM_BOUNDS - 1], 0);
	eg_histogram_add(&f.latency, 300000, 1);
	eg_histogram_add(&f.latency, 300001, 2);
	assert_int_equal(f.latency.count[EG_HISTOGRAM_BOUNDS - 1], 1);
	assert_int_equal(f.latency.count[EG_HISTOGRAM_BOUNDS], 2);
}

static void
each_record_waits_from_its_taking_to_its_receipt(void **state)
{
	struct eg_flow f;
	char *text;

	(void)state;
	eg_flow_init(&f);
	assert_int_equal(eg_flow_oldest(&f), 0);
	eg_flow_taken(&f, 10, 1000);
	eg_flow_taken(&f, 12, 1500);
	eg_flow_settled(&f, 4, 1500); /* 4 have waited 500 ms */
	assert_int_equal(eg_flow_oldest(&f), 1000);
	eg_flow_settled(&f, 11, 1600); /* 6 have waited 600 ms, 1 100 ms */
	assert_int_equal(eg_flow_oldest(&f), 1500);
	eg_flow_batch(&f, 12);
	text = printed(&f, 1750);
	assert_has(text, "receipt_seconds_sum{program=\"eg-x\"} 5.700\n");
	assert_has(text, "receipt_seconds_count{program=\"eg-x\"} 11\n");
	assert_has(text, "oldest_record_age_seconds{program=\"eg-x\"} 0.250\n");
	assert_has(text, "batch_records_bucket{program=\"eg-x\",le=\"10\"} 0\n");
	assert_has(text, "batch_records_bucket{program=\"eg-x\",le=\"30\"} 1\n");
	assert_null(strstr(text, "timestamp"));
	free(text);
	eg_flow_settled(&f, 12, 1800);
	assert_int_equal(eg_flow_oldest(&f), 0);
	text = printed(&f, 9000);
	assert_has(text, "oldest_record_age_seconds{program=\"eg-x\"} 0.000\n");
	free(text);
}

static bool
at_one_and_a_half(const void *of, int64_t *ns)
{
	*ns = 1500000000;
	return *(const bool *)of;
}

static void
the_oldest_record_has_its_timestamp_if_it_is_known(void **state)
{
	bool known = true;
	struct eg_flow f;
	char *text;

	(void)state;
	eg_flow_init(&f);
	f.oldest_time = at_one_and_a_half;
	f.of = &known;
	text = printed(&f, 1);
	assert_null(strstr(text, "timestamp")); /* none waits */
	free(text);
	eg_flow_taken(&f, 1, 1);
	text = printed(&f, 1);
	assert_has(text, "energyguard_oldest_record_timestamp_seconds{program=\"eg-x\"} 1.500\n");
	free(text);
	known = false;
	text = printed(&f, 1);
	assert_null(strstr(text, "timestamp"));
	free(text);
}

/* A record each ms, and no receipt for long: marks are joined, and the error stays small. */
static void
many_records_at_many_times_need_few_marks(void **state)
{
	enum { N = 100000 };
	struct eg_flow f;
	uint64_t right = 0;

	(void)state;
	eg_flow_init(&f);
	for (uint64_t i = 1; i <= N; i++) {
		eg_flow_taken(&f, i, (int64_t)i);
		assert_true(f.marks <= EG_FLOW_MARKS);
		assert_int_equal(eg_flow_oldest(&f), 1);
	}
	for (uint64_t i = 1; i <= N; i++) {
		eg_flow_settled(&f, i, N + (int64_t)i / 10);
		right += N + i / 10 - i;
	}
	assert_int_equal(observed(&f), N);
	assert_int_equal(eg_flow_oldest(&f), 0);
	assert_true(f.latency.sum >= right);
	assert_true((double)(f.latency.sum - right) / N < 0.02 * N);
	/* Then single ms are told apart again. */
	assert_int_equal(f.step_ms, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_counted_up_to_its_bound_and_all_above),
		cmocka_unit_test(a_histogram_may_use_all_bounds),
		cmocka_unit_test(each_record_waits_from_its_taking_to_its_receipt),
		cmocka_unit_test(the_oldest_record_has_its_timestamp_if_it_is_known),
		cmocka_unit_test(many_records_at_many_times_need_few_marks),
	};

	eg_diag_init("eg-x");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
