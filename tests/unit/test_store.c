/* SPDX-License-Identifier: MIT */
/* Records in a store: what goes in comes out, and digests follow every change. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/diag.h"
#include "record/time_arg.h"
#include "store/store.h"
#include "store/store_db.h"

#define DAY_NS INT64_C(86400000000000)

enum { TEXT_MAX = 64 * 1024, RECORDS = 64 };

static char folder[] = "/tmp/test_store.XXXXXX";
/* A path has to outlive its store. */
static char *path_of[RECORDS];
static size_t paths;

struct text {
	char s[TEXT_MAX];
	size_t len;
	size_t stop_at; /* lines, 0: never */
	size_t lines;
};

static int
collect(void *ctx, const char *text, size_t len, struct eg_error *e)
{
	struct text *t = ctx;

	(void)e;
	assert_true(t->len + len < sizeof(t->s));
	memcpy(t->s + t->len, text, len);
	t->len += len;
	t->s[t->len] = '\0';
	return ++t->lines == t->stop_at ? 1 : 0;
}

static struct eg_store *
open_at(const char *name, enum eg_store_mode mode)
{
	struct eg_error e = { 0 };
	struct eg_store *s;

	assert_true(paths < RECORDS);
	assert_true(asprintf(&path_of[paths], "%s/%s", folder, name) > 0);
	s = eg_store_open(path_of[paths++], mode, DAY_NS, &e);
	if (s == NULL)
		fail_msg("%s", e.text);
	return s;
}

/* A store that is not there yet. */
static struct eg_store *
new_store(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)unlink(path);
	return open_at(name, EG_STORE_CREATE);
}

static void
put(struct eg_store *s, const char *lines)
{
	struct eg_record rec[RECORDS];
	struct eg_error e = { 0 };
	size_t n = 0;

	for (const char *end; *lines != '\0'; lines = end + 1) {
		end = strchr(lines, '\n');
		assert_true(n < RECORDS);
		assert_int_equal(eg_record_parse(lines, (size_t)(end - lines), &rec[n++]), EG_FAULT_NONE);
	}
	if (eg_store_put(s, rec, n, &e) != EG_STORE_SAFE)
		fail_msg("%s", e.text);
}

/* at 0: now. */
static void
del(struct eg_store *s, const char *key, int64_t at)
{
	char buf[EG_STORE_KEY_SIZE];
	struct eg_error e = { 0 };
	struct eg_record r;

	assert_int_equal(eg_store_key_parse(key, strlen(key), buf, &r), EG_FAULT_NONE);
	assert_int_equal(eg_store_begin(s, &e), 0);
	assert_int_equal(eg_store_delete(s, &r, at == 0 ? eg_wall_ns() : at, at == 0, &e), 0);
	assert_int_equal(eg_store_commit(s, &e), 0);
}

static const char *
dump(struct eg_store *s, const char *sensor, int64_t from, int64_t to, enum eg_store_lines what)
{
	static struct text t;
	struct eg_time_span span = { from, to };
	struct eg_store_out out = { collect, &t };
	struct eg_error e = { 0 };

	memset(&t, 0, sizeof(t));
	assert_int_equal(sensor == NULL ? eg_store_dump(s, &span, what, &out, &e)
	    : eg_store_range(s, sensor, strlen(sensor), &span, what, &out, &e), 0);
	return t.s;
}

static const char *
all(struct eg_store *s)
{
	return dump(s, NULL, INT64_MIN, INT64_MAX, EG_STORE_RECORDS);
}

static const char *
digest(struct eg_store *s, const char *sensor)
{
	static struct text t[2];
	static int turn;
	struct eg_store_out out = { collect, &t[turn ^= 1] };
	struct eg_error e = { 0 };

	memset(&t[turn], 0, sizeof(t[turn]));
	assert_int_equal(sensor == NULL ? eg_store_digest(s, &out, &e)
	    : eg_store_days(s, sensor, strlen(sensor), &out, &e), 0);
	return t[turn].s;
}

static void
tell(const char *text)
{
	print_error("check: %s\n", text);
}

static uint64_t
check(struct eg_store *s)
{
	struct eg_error e = { 0 };
	uint64_t records, faults;

	assert_int_equal(eg_store_check(s, tell, &records, &faults, &e), 0);
	assert_int_equal(faults, 0);
	return records;
}

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

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

/* What is in it are files of this test. */
static int
remove_folder(void **state)
{
	char path[512];
	struct dirent *d;
	DIR *all = opendir(folder);

	(void)state;
	while (all != NULL && (d = readdir(all)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
		(void)unlink(path);
	}
	if (all != NULL)
		closedir(all);
	for (; paths > 0; paths--)
		free(path_of[paths - 1]);
	return rmdir(folder);
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
		cmocka_unit_test(a_deletion_is_remembered_until_the_key_is_written_again),
		cmocka_unit_test(a_deletion_now_is_later_than_all_that_is_known),
		cmocka_unit_test(what_follows_a_deletion_is_dated_later_whatever_the_clock_says),
		cmocka_unit_test(a_deletion_at_the_end_of_time_can_be_followed),
		cmocka_unit_test(each_value_is_dated_later_than_the_one_it_replaces),
		cmocka_unit_test(merging_keeps_the_later_value_in_any_order),
		cmocka_unit_test(merging_obeys_a_later_deletion_only),
		cmocka_unit_test(what_is_evicted_was_never_there),
		cmocka_unit_test(deletions_are_forgotten_in_time),
		cmocka_unit_test(expiring_cuts_a_day_in_two_and_leaves_equal_digests),
		cmocka_unit_test(many_days_in_a_batch_are_added_up),
		cmocka_unit_test(a_store_that_was_removed_takes_no_more),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
