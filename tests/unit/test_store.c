/* SPDX-License-Identifier: MIT */
/* Records in a store: what goes in comes out, and digests follow every change. */
#include "store_run.h"

static void
every_spelling_comes_out_byte_for_byte(void **state)
{
	static const char sorted[] =
	    "a:1677-09-21T00:12:44:-0\n"
	    "a:1969-12-31T23:59:59.75:.5\n"
	    "a:2026-11-23T14:18:36:55.20\n"
	    "a:2026-11-23T14:18:37Z:+55.2e-3\n"
	    "a:2026-11-23T15:18:38+01:00:007\n"
	    "a:2026-11-23t14:18:39:5.\n"
	    "a:2026-11-23T14:18:40.000:1\n"
	    "a:2026-11-23T14:18:40.500:1\n"
	    "a:2026-11-23T14:18:40.6z:1\n"
	    "a:2026-11-23T14:18:41.000000000-00:00:1\n"
	    "a:2262-04-11T23:47:16.854775807Z:1e308\n"
	    "a b:2026-11-23T14:18:36:1\n"
	    "\xc3\xa9:2026-11-23T14:18:36:0000000000000000000000000000000000000000000000000000000000000001\n";
	struct eg_store *s = new_store("spelling.db");

	(void)state;
	put(s, sorted);
	assert_string_equal(all(s), sorted);
	assert_int_equal(check(s), 13);
	eg_store_close(s);
}

static void
a_later_record_of_the_instant_replaces_in_one_batch_and_the_next(void **state)
{
	struct eg_store *s = new_store("replace.db");

	(void)state;
	put(s, "a:2026-11-23T14:18:36:1\na:2026-11-23T14:18:36Z:1\na:2026-11-23T14:18:36Z:2\n");
	assert_string_equal(all(s), "a:2026-11-23T14:18:36Z:2\n");
	assert_int_equal(*eg_store_replaced(s), 2);
	put(s, "a:2026-11-23T15:18:36+01:00:3\n");
	assert_string_equal(all(s), "a:2026-11-23T15:18:36+01:00:3\n");
	put(s, "a:2026-11-23T15:18:36+01:00:3\n");
	assert_int_equal(*eg_store_replaced(s), 3);
	assert_int_equal(check(s), 1);
	eg_store_close(s);
}

static void
a_span_holds_both_its_ends(void **state)
{
	struct eg_store *s = new_store("span.db");
	int64_t at;

	(void)state;
	put(s, "a:2026-11-23T14:18:35:1\na:2026-11-23T14:18:36:2\na:2026-11-23T14:18:37:3\n"
	    "b:2026-11-23T14:18:36:4\n");
	assert_true(eg_time_arg_parse("2026-11-23T14:18:36", 0, &at));
	assert_string_equal(dump(s, "a", at, at, EG_STORE_RECORDS), "a:2026-11-23T14:18:36:2\n");
	assert_string_equal(dump(s, NULL, at, at, EG_STORE_RECORDS),
	    "a:2026-11-23T14:18:36:2\nb:2026-11-23T14:18:36:4\n");
	assert_string_equal(dump(s, "a", at + 1, INT64_MAX, EG_STORE_RECORDS), "a:2026-11-23T14:18:37:3\n");
	assert_string_equal(dump(s, "c", INT64_MIN, INT64_MAX, EG_STORE_RECORDS), "");
	eg_store_close(s);
}

static void
a_reader_that_has_enough_ends_it_without_an_error(void **state)
{
	struct eg_store *s = new_store("enough.db");
	static struct text t = { .stop_at = 2 };
	struct eg_store_out out = { collect, &t };
	struct eg_time_span span = { INT64_MIN, INT64_MAX };
	struct eg_error e = { 0 };

	(void)state;
	put(s, "a:2026-11-23T14:18:35:1\na:2026-11-23T14:18:36:2\nb:2026-11-23T14:18:37:3\n");
	assert_int_equal(eg_store_dump(s, &span, EG_STORE_RECORDS, &out, &e), 0);
	assert_int_equal(t.lines, 2);
	eg_store_close(s);
}

static void
digests_do_not_depend_on_order_or_history(void **state)
{
	struct eg_store *a = new_store("one.db"), *b = new_store("two.db");

	(void)state;
	put(a, "s:2026-11-23T00:00:00:1\ns:2026-11-22T23:59:59.999999999:2\nt:1960-01-01T00:00:00:3\n");
	put(b, "t:1960-01-01T00:00:00:9\n");
	put(b, "s:2026-11-22T23:59:59.999999999:2\nt:1960-01-01T00:00:00:3\n");
	assert_string_not_equal(digest(a, NULL), digest(b, NULL));
	put(b, "s:2026-11-23T00:00:00:1\n");
	assert_string_equal(digest(a, NULL), digest(b, NULL));
	assert_string_equal(digest(a, "s"), digest(b, "s"));
	assert_non_null(strstr(digest(a, "s"), "s:2026-11-22:1:0:"));
	assert_non_null(strstr(digest(a, "s"), "s:2026-11-23:1:0:"));
	assert_non_null(strstr(digest(a, "t"), "t:1960-01-01:1:0:"));
	put(b, "s:2026-11-23T00:00:00:1.0\n");
	assert_string_not_equal(digest(a, "s"), digest(b, "s"));
	put(b, "s:2026-11-23T00:00:00Z:1\n");
	assert_string_not_equal(digest(a, "s"), digest(b, "s"));
	check(a);
	check(b);
	eg_store_close(a);
	eg_store_close(b);
}

static void
days_at_the_ends_of_time_have_digests(void **state)
{
	struct eg_store *s = new_store("ends.db");

	(void)state;
	put(s, "a:1677-09-21T00:12:44:1\na:2262-04-11T23:47:16:2\n");
	assert_non_null(strstr(digest(s, "a"), "a:1677-09-21:1:0:"));
	assert_non_null(strstr(digest(s, "a"), "a:2262-04-11:1:0:"));
	assert_int_equal(check(s), 2);
	eg_store_close(s);
}

static void
expiring_cuts_a_day_in_two_and_leaves_equal_digests(void **state)
{
	struct eg_store *s = new_store("expire.db"), *late = new_store("late.db");
	struct eg_error e = { 0 };
	struct eg_store_facts f;
	uint64_t gone;
	int64_t before;

	(void)state;
	put(s, "a:1677-09-21T12:00:00:0\na:2026-11-20T00:00:00:1\na:2026-11-23T10:00:00:2\na:2026-11-23T12:00:00:3\n"
	    "b:2026-11-23T11:59:59:4\nc:2026-11-24T00:00:00:5\n");
	del(s, "a:2026-11-23T10:00:01", eg_wall_ns());
	del(s, "a:2026-11-21T10:00:01", eg_wall_ns());
	put(late, "a:2026-11-23T12:00:00:3\nc:2026-11-24T00:00:00:5\n");
	assert_true(eg_time_arg_parse("2026-11-23T12:00:00", 0, &before));
	assert_int_equal(eg_store_expire(s, before, &gone, &e), 0);
	assert_int_equal(gone, 4);
	assert_string_equal(all(s), "a:2026-11-23T12:00:00:3\nc:2026-11-24T00:00:00:5\n");
	assert_string_equal(digest(s, NULL), digest(late, NULL));
	assert_int_equal(check(s), 2);
	assert_int_equal(eg_store_expire(s, before - DAY_NS, &gone, &e), 0);
	assert_int_equal(gone, 0);
	assert_int_equal(eg_store_stat(s, &f, &e), 0);
	assert_int_equal(f.records, 2);
	assert_int_equal(f.sensors, 2);
	assert_int_equal(f.deletions, 0);
	assert_true(f.expired && f.expired_before == before && f.first == before);
	eg_store_close(s);
	eg_store_close(late);
}

static void
many_days_in_a_batch_are_added_up(void **state)
{
	static struct eg_record rec[20000];
	static char lines[20000][48];
	struct eg_store *s = new_store("days.db");
	struct eg_error e = { 0 };
	char time[EG_TIME_SIZE];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		eg_time_format((i % 5000) * DAY_NS / 2, time);
		int n = snprintf(lines[i], sizeof(lines[i]), "s%d:%s:%d", i / 100, time, i);

		assert_int_equal(eg_record_parse(lines[i], (size_t)n, &rec[i]), EG_FAULT_NONE);
	}
	assert_int_equal(eg_store_put(s, rec, 20000, &e), EG_STORE_SAFE);
	assert_int_equal(check(s), 20000);
	eg_store_close(s);
}

/* More sensors than one digit of the sort has values, in turn; those of one key are of different
 * rounds. */
static void
records_of_one_key_keep_their_order_in_a_batch(void **state)
{
	enum { SENSORS = 5000, ROUNDS = 4 };
	static struct eg_record rec[SENSORS * ROUNDS];
	static char lines[SENSORS * ROUNDS][40];
	struct eg_store *s = new_store("turns.db");
	struct eg_error e = { 0 };
	char expected[48];

	(void)state;
	for (int i = 0; i < SENSORS * ROUNDS; i++) {
		int n = snprintf(lines[i], sizeof(lines[i]), "s%d:2026-11-23T14:18:36:%d", i % SENSORS, i);

		assert_int_equal(eg_record_parse(lines[i], (size_t)n, &rec[i]), EG_FAULT_NONE);
	}
	assert_int_equal(eg_store_put(s, rec, SENSORS * ROUNDS, &e), EG_STORE_SAFE);
	assert_int_equal(check(s), SENSORS);
	for (int sensor = 0; sensor < SENSORS; sensor += 7) {
		char name[8];

		snprintf(name, sizeof(name), "s%d", sensor);
		snprintf(expected, sizeof(expected), "s%d:2026-11-23T14:18:36:%d\n", sensor,
		    SENSORS * (ROUNDS - 1) + sensor);
		assert_string_equal(dump(s, name, INT64_MIN, INT64_MAX, EG_STORE_RECORDS), expected);
	}
	eg_store_close(s);
}

/* What a batch leaves is what its records leave one by one, whatever their keys have before. */
static void
a_batch_is_as_good_as_its_records_alone(void **state)
{
	struct eg_store *s[2] = { new_store("batch.db"), new_store("alone.db") };
	static char line[RECORDS][64];
	struct eg_record rec[RECORDS];
	struct eg_error e = { 0 };
	char *batches, *dated;
	int64_t ordered;
	unsigned x = 1;

	(void)state;
	assert_true(eg_time_arg_parse("2026-11-23T00:02:00", 0, &ordered));
	for (int batch = 0; batch < 12; batch++) {
		for (int i = 0; i < RECORDS; i++) {
			x = x * 1103515245 + 12345;
			snprintf(line[i], sizeof(line[i]), "%c:2026-11-23T00:%02d:%02u%s:%u", "abcd"[x >> 16 & 3],
			    batch % 4, x >> 18 & 15, x >> 22 & 1 ? "Z" : "", x >> 23 & 3);
			assert_int_equal(eg_record_parse(line[i], strlen(line[i]), &rec[i]), EG_FAULT_NONE);
			/* Times of writing, which are not those of the clock; some are earlier. */
			if (rec[i].ns < ordered)
				rec[i].order = 1795000000000000000 + batch * 9000000 + (x >> 25 & 31) * 1000000;
		}
		assert_int_equal(eg_store_put(s[0], rec, RECORDS, &e), EG_STORE_SAFE);
		for (int i = 0; i < RECORDS; i++)
			assert_int_equal(eg_store_put(s[1], &rec[i], 1, &e), EG_STORE_SAFE);
	}
	batches = strdup(all(s[0]));
	dated = strdup(dump(s[0], NULL, INT64_MIN, ordered - 1, EG_STORE_DATED));
	assert_string_equal(batches, all(s[1]));
	assert_string_equal(dated, dump(s[1], NULL, INT64_MIN, ordered - 1, EG_STORE_DATED));
	assert_string_equal(digest(s[0], NULL), digest(s[1], NULL));
	assert_int_equal(check(s[0]), check(s[1]));
	assert_int_equal(*eg_store_replaced(s[0]), *eg_store_replaced(s[1]));
	free(batches);
	free(dated);
	eg_store_close(s[0]);
	eg_store_close(s[1]);
}

static void
a_store_that_was_removed_takes_no_more(void **state)
{
	struct eg_store *s = new_store("gone.db");
	struct eg_error e = { 0 };
	struct eg_record r;
	char path[128];

	(void)state;
	put(s, "a:2026-11-23T14:18:36:1\n");
	snprintf(path, sizeof(path), "%s/gone.db", folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(eg_record_parse("a:2026-11-23T14:18:37:1", 23, &r), EG_FAULT_NONE);
	assert_int_equal(eg_store_put(s, &r, 1, &e), EG_STORE_FAILED);
	assert_int_equal(e.status, EG_LOCAL_IO);
	assert_non_null(strstr(e.text, "has been removed or replaced"));
	eg_store_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_comes_out_byte_for_byte),
		cmocka_unit_test(a_later_record_of_the_instant_replaces_in_one_batch_and_the_next),
		cmocka_unit_test(a_span_holds_both_its_ends),
		cmocka_unit_test(a_reader_that_has_enough_ends_it_without_an_error),
		cmocka_unit_test(digests_do_not_depend_on_order_or_history),
		cmocka_unit_test(days_at_the_ends_of_time_have_digests),
		cmocka_unit_test(expiring_cuts_a_day_in_two_and_leaves_equal_digests),
		cmocka_unit_test(many_days_in_a_batch_are_added_up),
		cmocka_unit_test(records_of_one_key_keep_their_order_in_a_batch),
		cmocka_unit_test(a_batch_is_as_good_as_its_records_alone),
		cmocka_unit_test(a_store_that_was_removed_takes_no_more),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
