/* SPDX-License-Identifier: MIT */
/* Tests of lib/cluster/hints: records for nodes, on disk and in order. */
#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diag.h"
#include "cluster/cluster.h"
#include "cluster/hints.h"

enum { LIMIT = 10 };

static struct eg_cluster two = { .path = "c", .n = 2,
	.node = { { .name = "a" }, { .name = "b" } } };

static int
make_dir(void **state)
{
	char *dir = strdup("/tmp/eg-test-hints-XXXXXX");

	*state = dir;
	return dir == NULL || mkdtemp(dir) == NULL;
}

static int
remove_dir(void **state)
{
	char pattern[64];
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s/*", (char *)*state);
	if (glob(pattern, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			unlink(g.gl_pathv[i]);
	globfree(&g);
	rmdir(*state);
	free(*state);
	return 0;
}

static struct eg_hints *
open_hints(const char *dir, const struct eg_cluster *c)
{
	struct eg_error e = { 0 };
	struct eg_hints *h = eg_hints_open(dir, c, LIMIT, true, &e);

	if (h == NULL)
		fail_msg("%s", e.text);
	return h;
}

static int64_t
add(struct eg_hints *h, size_t node, uint64_t records, const char *text)
{
	struct eg_hint hint = { .kind = EG_HINT_RECORDS, .records = records, .text = text,
		.len = strlen(text) };
	struct eg_error e = { 0 };

	assert_int_equal(eg_hints_add(h, node, &hint, &e), 0);
	return hint.seq;
}

static void
commit(struct eg_hints *h)
{
	struct eg_error e = { 0 };

	assert_int_equal(eg_hints_commit(h, &e), 0);
}

/* The texts of the hints of a node, in order. */
static const char *
hints_of(struct eg_hints *h, size_t node)
{
	static char out[256];
	struct eg_error e = { 0 };
	struct eg_hint hint = { 0 };

	*out = '\0';
	while (eg_hints_next(h, node, hint.seq, true, &hint, &e) == 1)
		snprintf(out + strlen(out), sizeof(out) - strlen(out), "%.*s", (int)hint.len, hint.text);
	assert_int_equal(e.status, EG_OK);
	return out;
}

static void
debts_keep_their_order_over_a_restart(void **state)
{
	struct eg_hints *h = open_hints(*state, &two);
	struct eg_error e = { 0 };
	int64_t second;

	add(h, 0, 1, "one ");
	add(h, 1, 1, "other ");
	second = add(h, 0, 2, "two ");
	add(h, 0, 1, "three ");
	commit(h);
	eg_hints_close(h);
	h = open_hints(*state, &two);
	assert_int_equal(eg_hints_pending(h, 0), 4);
	assert_int_equal(eg_hints_pending(h, 1), 1);
	assert_string_equal(hints_of(h, 0), "one two three ");
	assert_int_equal(eg_hints_done(h, 0, second, 2, &e), 0);
	commit(h);
	assert_int_equal(eg_hints_pending(h, 0), 2);
	assert_string_equal(hints_of(h, 0), "one three ");
	assert_string_equal(hints_of(h, 1), "other ");
	/* A number is never given twice, or a debt would be taken for one that is sent. */
	assert_true(add(h, 0, 1, "four ") > second + 1);
	eg_hints_close(h);
}

static void
what_was_not_committed_is_not_there(void **state)
{
	struct eg_hints *h = open_hints(*state, &two);

	add(h, 0, 1, "one ");
	commit(h);
	add(h, 0, 1, "two ");
	assert_int_equal(eg_hints_pending(h, 0), 1);
	eg_hints_close(h);
	h = open_hints(*state, &two);
	assert_string_equal(hints_of(h, 0), "one ");
	eg_hints_close(h);
}

static void
the_limit_is_one_of_each_node(void **state)
{
	struct eg_hints *h = open_hints(*state, &two);
	struct eg_error e = { 0 };
	int64_t seq;

	assert_true(eg_hints_room(h, 0, LIMIT + 5)); /* one may be larger */
	seq = add(h, 0, LIMIT - 1, "many ");
	assert_true(eg_hints_room(h, 0, 1));
	assert_false(eg_hints_room(h, 0, 2));
	assert_true(eg_hints_room(h, 1, LIMIT));
	commit(h);
	assert_false(eg_hints_room(h, 0, 2));
	assert_int_equal(eg_hints_done(h, 0, seq, LIMIT - 1, &e), 0);
	assert_true(eg_hints_room(h, 0, LIMIT));
	eg_hints_close(h);
}

static void
what_another_process_writes_is_noticed(void **state)
{
	struct eg_hints *h = open_hints(*state, &two), *other = open_hints(*state, &two);
	struct eg_error e = { 0 };

	assert_int_equal(eg_hints_refresh(h, &e), 0);
	add(other, 1, 3, "lines ");
	commit(other);
	assert_int_equal(eg_hints_refresh(h, &e), 1);
	assert_int_equal(eg_hints_pending(h, 1), 3);
	assert_int_equal(eg_hints_refresh(h, &e), 0);
	assert_string_equal(hints_of(h, 1), "lines ");
	eg_hints_close(other);
	eg_hints_close(h);
}

static void
the_last_error_of_a_node_is_kept(void **state)
{
	struct eg_hints *h = open_hints(*state, &two);
	struct eg_error e = { 0 };
	char text[100];

	assert_int_equal(eg_hints_note(h, 0, "is away", &e), 0);
	commit(h);
	eg_hints_close(h);
	h = open_hints(*state, &two);
	assert_int_equal(eg_hints_noted(h, 0, text, sizeof(text), &e), 0);
	assert_non_null(strstr(text, ": is away"));
	assert_int_equal(eg_hints_noted(h, 1, text, sizeof(text), &e), 0);
	assert_string_equal(text, "");
	assert_int_equal(eg_hints_note(h, 0, "", &e), 0);
	commit(h);
	assert_int_equal(eg_hints_noted(h, 0, text, sizeof(text), &e), 0);
	assert_string_equal(text, "");
	eg_hints_close(h);
}

static void
debts_to_a_node_that_is_gone_are_given_up_on_demand_only(void **state)
{
	struct eg_cluster one = { .path = "c", .n = 1, .node = { { .name = "b" } } };
	struct eg_hints *h = open_hints(*state, &two);
	struct eg_error e = { 0 };
	uint64_t records;

	add(h, 0, 4, "gone ");
	add(h, 1, 1, "stays ");
	commit(h);
	eg_hints_close(h);
	h = open_hints(*state, &one);
	assert_int_equal(eg_hints_pending(h, 0), 1);
	assert_int_equal(eg_hints_strangers(h, false, &records, &e), 0);
	assert_int_equal(records, 4);
	assert_int_equal(eg_hints_strangers(h, true, &records, &e), 0);
	assert_int_equal(records, 4);
	assert_int_equal(eg_hints_strangers(h, false, &records, &e), 0);
	assert_int_equal(records, 0);
	assert_string_equal(hints_of(h, 0), "stays ");
	eg_hints_close(h);
}

static void
write_over(const char *dir, off_t at, const char *text)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/hints.db", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, text, strlen(text), at), strlen(text));
	close(fd);
}

static void
a_damaged_file_is_set_aside_by_who_may_mend_it(void **state)
{
	static const off_t places[] = { 0, 4096 };

	for (size_t i = 0; i < 2; i++) {
		struct eg_hints *h = open_hints(*state, &two);
		struct eg_error e = { 0 };
		char pattern[64];
		glob_t g;

		for (int k = 0; k < 200; k++)
			add(h, 0, 1, "sensor1:2026-11-23T14:18:36:55.21 ");
		commit(h);
		eg_hints_close(h);
		write_over(*state, places[i], "this is no database, nor a page of one, and never was");
		if (i == 0) {
			assert_null(eg_hints_open(*state, &two, LIMIT, false, &e));
			assert_int_equal(e.status, EG_LOCAL_IO);
			assert_non_null(strstr(e.text, "damaged"));
		}
		h = open_hints(*state, &two);
		assert_int_equal(eg_hints_pending(h, 0), 0);
		snprintf(pattern, sizeof(pattern), "%s/hints.db.damaged-*", (char *)*state);
		assert_int_equal(glob(pattern, 0, NULL, &g), 0);
		for (size_t k = 0; k < g.gl_pathc; k++)
			unlink(g.gl_pathv[k]);
		globfree(&g);
		eg_hints_close(h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(debts_keep_their_order_over_a_restart, make_dir,
		    remove_dir),
		cmocka_unit_test_setup_teardown(what_was_not_committed_is_not_there, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(the_limit_is_one_of_each_node, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(what_another_process_writes_is_noticed, make_dir,
		remove_dir),
		cmocka_unit_test_setup_teardown(the_last_error_of_a_node_is_kept, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(debts_to_a_node_that_is_gone_are_given_up_on_demand_only,
		make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_set_aside_by_who_may_mend_it, make_dir,
		remove_dir),
	};

	eg_diag_init("test_hints");
	return cmocka_run_group_tests_name("hints", tests, NULL, NULL);
}
