/* SPDX-License-Identifier: MIT */
/* Deletions and values of one key: the later one stays, in each order of arrival. */
#include "store_run.h"

static void
a_deletion_is_remembered_until_the_key_is_written_again(void **state)
{
	struct eg_store *s = new_store("delete.db"), *other = new_store("other.db");
	int64_t now = eg_wall_ns();
	char line[128];

	(void)state;
	put(s, "a:2026-11-23T14:18:36:1\na:2026-11-23T14:18:37:2\n");
	put(other, "a:2026-11-23T14:18:37:2\n");
	del(s, "a:2026-11-23T14:18:36Z", now);
	assert_string_equal(all(s), "a:2026-11-23T14:18:37:2\n");
	assert_string_not_equal(digest(s, NULL), digest(other, NULL));
	del(other, "a:2026-11-23T14:18:36", now - 5);
	assert_string_equal(digest(s, NULL), digest(other, NULL));
	snprintf(line, sizeof(line), "a:2026-11-23T14:18:36:%lld\n", (long long)now);
	assert_string_equal(dump(s, NULL, INT64_MIN, INT64_MAX, EG_STORE_DELETIONS), line);
	del(s, "a:2026-11-23T14:18:36", now - 9);
	assert_string_equal(dump(s, NULL, INT64_MIN, INT64_MAX, EG_STORE_DELETIONS), line);
	check(s);
	put(s, "a:2026-11-23T14:18:36:3\n");
	assert_string_equal(dump(s, NULL, INT64_MIN, INT64_MAX, EG_STORE_DELETIONS), "");
	/* The other's deletion is older than this record: it stays. */
	del(s, "a:2026-11-23T14:18:36", now);
	assert_string_equal(all(s), "a:2026-11-23T14:18:36:3\na:2026-11-23T14:18:37:2\n");
	del(s, "a:2026-11-23T14:18:36", eg_wall_ns());
	assert_string_equal(all(s), "a:2026-11-23T14:18:37:2\n");
	assert_string_equal(digest(s, NULL), digest(other, NULL));
	check(s);
	check(other);
	eg_store_close(s);
	eg_store_close(other);
}

static void
a_deletion_now_is_later_than_all_that_is_known(void **state)
{
	struct eg_store *s = new_store("later.db");
	int64_t ahead = eg_wall_ns() + DAY_NS;
	char line[128];

	(void)state;
	put(s, "a:2026-11-23T14:18:36:1\n");
	del(s, "a:2026-11-23T14:18:36", ahead);
	del(s, "a:2026-11-23T14:18:36", 0);
	snprintf(line, sizeof(line), "a:2026-11-23T14:18:36:%lld\n", (long long)ahead + 1);
	assert_string_equal(dump(s, NULL, INT64_MIN, INT64_MAX, EG_STORE_DELETIONS), line);
	put(s, "a:2026-11-23T14:18:36:1\n");
	del(s, "a:2026-11-23T14:18:36", 0);
	assert_string_equal(all(s), "");
	check(s);
	eg_store_close(s);
}

static const char *
dated(struct eg_store *s)
{
	return dump(s, NULL, INT64_MIN, INT64_MAX, EG_STORE_DATED);
}

/* When the only record of s was taken in. */
static int64_t
written(struct eg_store *s)
{
	const char *line = dated(s);

	return strtoll(strrchr(line, ':') + 1, NULL, 10);
}

/* Commits one record with an order; 0: none. */
static void
put_ordered(struct eg_store *s, const char *line, int64_t order)
{
	struct eg_error e = { 0 };
	struct eg_record r;

	assert_int_equal(eg_record_parse(line, strlen(line), &r), EG_FAULT_NONE);
	r.order = order;
	assert_int_equal(eg_store_put(s, &r, 1, &e), EG_STORE_SAFE);
}

static void
merge(struct eg_store *s, const char *line, int64_t when)
{
	struct eg_error e = { 0 };
	struct eg_record r;

	assert_int_equal(eg_record_parse(line, strlen(line), &r), EG_FAULT_NONE);
	assert_int_equal(eg_store_begin(s, &e), 0);
	assert_int_equal(eg_store_merge(s, &r, when, &e), 0);
	assert_int_equal(eg_store_commit(s, &e), 0);
}

static void
what_follows_a_deletion_is_dated_later_whatever_the_clock_says(void **state)
{
	struct eg_store *s = new_store("follows.db");
	int64_t ahead = eg_wall_ns() + DAY_NS;

	(void)state;
	put(s, "a:2026-11-23T14:18:36:1\n");
	del(s, "a:2026-11-23T14:18:36", ahead);
	assert_string_equal(all(s), "");
	put(s, "a:2026-11-23T14:18:36:2\n");
	assert_true(written(s) > ahead);
	/* Delivered twice. */
	del(s, "a:2026-11-23T14:18:36", ahead);
	assert_string_equal(all(s), "a:2026-11-23T14:18:36:2\n");
	/* One of a time between two values is older than the second one. */
	put_ordered(s, "a:2026-11-23T14:18:36:3", ahead + 5000000);
	del(s, "a:2026-11-23T14:18:36", ahead + 500);
	assert_string_equal(all(s), "a:2026-11-23T14:18:36:3\n");
	assert_true(written(s) >= ahead + 5000000);
	del(s, "a:2026-11-23T14:18:36", 0);
	assert_string_equal(all(s), "");
	check(s);
	eg_store_close(s);
}

static void
a_deletion_at_the_end_of_time_can_be_followed(void **state)
{
	struct eg_store *s = new_store("overflow.db");

	(void)state;
	assert_int_equal(eg_store_later(5, INT64_MAX - 1), INT64_MAX);
	assert_int_equal(eg_store_later(5, INT64_MAX), INT64_MAX);
	put(s, "a:2026-11-23T14:18:36:1\n");
	del(s, "a:2026-11-23T14:18:36", INT64_MAX - 1);
	put(s, "a:2026-11-23T14:18:36:2\n");
	assert_string_equal(all(s), "a:2026-11-23T14:18:36:2\n");
	del(s, "a:2026-11-23T14:18:36", 0);
	assert_string_equal(all(s), "");
	del(s, "a:2026-11-23T14:18:36", 0);
	assert_string_equal(all(s), "");
	put(s, "a:2026-11-23T14:18:36:3\n");
	del(s, "a:2026-11-23T14:18:36", 0);
	assert_string_equal(all(s), "");
	check(s);
	eg_store_close(s);
}

static void
each_value_is_dated_later_than_the_one_it_replaces(void **state)
{
	struct eg_store *s = new_store("order.db");
	int64_t before = eg_wall_ns(), first = before / 1000 * 1000;

	(void)state;
	put(s, "a:2026-11-23T14:18:36:1\na:2026-11-23T14:18:36:0\n");
	assert_int_equal(written(s), 0);
	put_ordered(s, "a:2026-11-23T14:18:36:1", 1000);
	assert_int_equal(written(s), 1000);
	/* From now on the clock counts. */
	put(s, "a:2026-11-23T14:18:36:0\n");
	assert_true(written(s) >= before && written(s) <= eg_wall_ns() + 1000);
	put(s, "a:2026-11-23T14:18:36:0\n");
	assert_true(written(s) >= before && written(s) <= eg_wall_ns() + 1000);
	put_ordered(s, "a:2026-11-23T14:18:36:2", first + DAY_NS);
	assert_int_equal(written(s), first + DAY_NS);
	/* An order that is older, or the clock: it has arrived later all the same. */
	put_ordered(s, "a:2026-11-23T14:18:36:3", first);
	assert_string_equal(all(s), "a:2026-11-23T14:18:36:3\n");
	assert_int_equal(written(s), first + DAY_NS + 1000);
	put(s, "a:2026-11-23T14:18:36:4\n");
	assert_int_equal(written(s), first + DAY_NS + 2000);
	/* The same value again: what counts is when it was taken in last. */
	put_ordered(s, "a:2026-11-23T14:18:36:4", first);
	assert_int_equal(written(s), first + DAY_NS + 2000);
	put_ordered(s, "a:2026-11-23T14:18:36:4", first + 2 * DAY_NS);
	assert_int_equal(written(s), first + 2 * DAY_NS);
	assert_int_equal(*eg_store_replaced(s), 6);
	/* An order that nothing could follow is none. */
	put_ordered(s, "b:2026-11-23T14:18:36:4", EG_WHEN_MAX);
	assert_true(written(s) < first + DAY_NS);
	check(s);
	eg_store_close(s);
}

static void
merging_keeps_the_later_value_in_any_order(void **state)
{
	struct eg_store *s = new_store("merge.db"), *other = new_store("merged.db");

	(void)state;
	merge(s, "a:2026-11-23T14:18:36:1", 100000);
	merge(s, "a:2026-11-23T14:18:36:2", 200000);
	merge(s, "a:2026-11-23T14:18:36:1", 100000);
	assert_string_equal(dated(s), "a:2026-11-23T14:18:36:2:200000\n");
	/* Of one time: the greater text. */
	merge(s, "a:2026-11-23T14:18:36:3", 200000);
	merge(s, "a:2026-11-23T14:18:36:10", 200000);
	merge(s, "a:2026-11-23T14:18:36Z:1", 200000);
	assert_string_equal(dated(s), "a:2026-11-23T14:18:36Z:1:200000\n");
	/* The same value with a later time. */
	merge(s, "a:2026-11-23T14:18:36Z:1", 150000);
	merge(s, "a:2026-11-23T14:18:36Z:1", 249001);
	assert_string_equal(dated(s), "a:2026-11-23T14:18:36Z:1:250000\n");
	/* Of which nothing is known replaces nothing, and fills a gap. */
	merge(s, "a:2026-11-23T14:18:36:9", 0);
	merge(s, "b:2026-11-23T14:18:36:9", 0);
	assert_string_equal(dated(s), "a:2026-11-23T14:18:36Z:1:250000\nb:2026-11-23T14:18:36:9:0\n");
	merge(other, "b:2026-11-23T14:18:36:9", 5);
	merge(other, "a:2026-11-23T14:18:36Z:1", 6);
	assert_string_equal(digest(s, NULL), digest(other, NULL));
	assert_int_equal(check(s), 2);
	eg_store_close(s);
	eg_store_close(other);
}

static void
merging_obeys_a_later_deletion_only(void **state)
{
	struct eg_store *s = new_store("mergedel.db");
	int64_t now = eg_wall_ns();

	(void)state;
	put(s, "a:2026-11-23T14:18:36:1\n");
	del(s, "a:2026-11-23T14:18:36", now);
	merge(s, "a:2026-11-23T14:18:36:2", now - 2000);
	merge(s, "a:2026-11-23T14:18:36:2", 0);
	assert_string_equal(all(s), "");
	merge(s, "a:2026-11-23T14:18:36:2", now + 1);
	assert_string_equal(all(s), "a:2026-11-23T14:18:36:2\n");
	assert_string_equal(dump(s, NULL, INT64_MIN, INT64_MAX, EG_STORE_DELETIONS), "");
	del(s, "a:2026-11-23T14:18:36", now);
	assert_string_equal(all(s), "a:2026-11-23T14:18:36:2\n");
	check(s);
	eg_store_close(s);
}

static void
evict(struct eg_store *s, const char *line, int64_t at)
{
	struct eg_error e = { 0 };
	struct eg_record r;

	assert_int_equal(eg_record_parse(line, strlen(line), &r), EG_FAULT_NONE);
	assert_int_equal(eg_store_begin(s, &e), 0);
	assert_int_equal(at == 0 ? eg_store_evict(s, &r, &e) : eg_store_evict_deletion(s, &r, at, &e),
	    0);
	assert_int_equal(eg_store_commit(s, &e), 0);
}

static void
what_is_evicted_was_never_there(void **state)
{
	struct eg_store *s = new_store("evict.db"), *never = new_store("evicted.db");
	int64_t now = eg_wall_ns();

	(void)state;
	put(s, "a:2026-11-23T14:18:36:1\na:2026-11-23T14:18:37Z:2\n");
	put(never, "a:2026-11-23T14:18:37Z:2\n");
	evict(s, "a:2026-11-23T14:18:36:1.0", 0);
	evict(s, "a:2026-11-23T14:18:36Z:1", 0);
	evict(s, "b:2026-11-23T14:18:36:1", 0);
	assert_int_equal(check(s), 2);
	evict(s, "a:2026-11-23T14:18:36:1", 0);
	assert_string_equal(digest(s, NULL), digest(never, NULL));
	del(s, "a:2026-11-23T14:18:38", now);
	evict(s, "a:2026-11-23T14:18:38:0", now - 1);
	assert_string_not_equal(digest(s, NULL), digest(never, NULL));
	evict(s, "a:2026-11-23T14:18:38:0", now);
	assert_string_equal(digest(s, NULL), digest(never, NULL));
	check(s);
	eg_store_close(s);
	eg_store_close(never);
}

static void
deletions_are_forgotten_in_time(void **state)
{
	struct eg_store *s = new_store("forget.db"), *never = new_store("never.db");
	struct eg_error e = { 0 };
	int64_t now = eg_wall_ns();

	(void)state;
	put(s, "a:2026-11-23T14:18:36:1\na:2026-11-23T14:18:37:2\n");
	put(never, "a:2026-11-23T14:18:36:1\n");
	/* Older than what is remembered: nothing happens. */
	del(s, "a:2026-11-23T14:18:37", now - 2 * DAY_NS);
	assert_int_equal(check(s), 2);
	del(s, "a:2026-11-23T14:18:37", now - DAY_NS + 1000000000);
	assert_int_equal(eg_store_purge(s, &e), 0);
	assert_string_not_equal(digest(s, NULL), digest(never, NULL));
	for (int64_t until = eg_wall_ns() + 10 * INT64_C(1000000000);
	    strcmp(digest(s, NULL), digest(never, NULL)) != 0 && eg_wall_ns() < until;)
		assert_int_equal(eg_store_purge(s, &e), 0);
	assert_string_equal(digest(s, NULL), digest(never, NULL));
	check(s);
	eg_store_close(s);
	eg_store_close(never);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deletion_is_remembered_until_the_key_is_written_again),
		cmocka_unit_test(a_deletion_now_is_later_than_all_that_is_known),
		cmocka_unit_test(what_follows_a_deletion_is_dated_later_whatever_the_clock_says),
		cmocka_unit_test(a_deletion_at_the_end_of_time_can_be_followed),
		cmocka_unit_test(each_value_is_dated_later_than_the_one_it_replaces),
		cmocka_unit_test(merging_keeps_the_later_value_in_any_order),
		cmocka_unit_test(merging_obeys_a_later_deletion_only),
		cmocka_unit_test(what_is_evicted_was_never_there),
		cmocka_unit_test(deletions_are_forgotten_in_time),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
