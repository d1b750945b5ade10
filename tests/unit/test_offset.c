/* SPDX-License-Identifier: MIT */
/* The file of a stream's offset: read strictly, replaced whole, not too often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "amqp/offset.h"
#include "base/diag.h"

static char dir[] = "/tmp/eg-offset-XXXXXX";
static const char path[] = "offset";
static struct eg_error error;
static struct eg_offset o;

static int
begin(void **state)
{
	(void)state;
	memset(&error, 0, sizeof(error));
	unlink(path);
	return 0;
}

static struct eg_position
at(int64_t offset)
{
	return (struct eg_position){ .offset = offset };
}

static void
put(const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void
a_file_that_does_not_exist_is_no_offset(void **state)
{
	(void)state;
	assert_int_equal(eg_offset_load(&o, path, &error), 0);
	assert_int_equal(o.saved.offset, -1);
	assert_int_equal(eg_offset_load(&o, NULL, &error), 0);
	assert_int_equal(eg_offset_keep(&o, at(1), INT64_MAX, &error), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void
what_is_kept_is_loaded_again(void **state)
{
	static const int64_t some[] = { 0, 1, 4711, INT64_MAX - 1 };
	static const uint64_t print[] = { 0, 1, 0xfedcba9876543210, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		assert_int_equal(eg_offset_load(&o, path, &error), 0);
		assert_int_equal(eg_offset_keep(&o, (struct eg_position){ some[i], print[i] }, 0, &error),
		    0);
		assert_int_equal(eg_offset_load(&o, path, &error), 0);
		assert_int_equal(o.saved.offset, some[i]);
		assert_true(o.saved.print == print[i]);
		assert_int_equal(access("offset.tmp", F_OK), -1);
	}
}

static void
anything_else_in_the_file_is_wrong(void **state)
{
	static const struct { const char *text; size_t len; } bad[] = { { "", 0 }, { "\n", 1 },
		{ "x\n", 2 }, { "-1\n", 3 }, { "12 \n", 4 }, { "12\n13\n", 6 }, { "1\0002\n", 4 },
		{ "9223372036854775807\n", 20 }, { "12 0123456789abcde\n", 19 },
		{ "12 0123456789abcdef0\n", 21 }, { "12 0123456789abcdeg\n", 20 },
		{ "12  0123456789abcdef\n", 21 }, { " 0123456789abcdef\n", 18 },
		{ "12 +123456789abcdef\n", 20 }, { "00000000000000000000000000000000000001\n", 39 } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&error, 0, sizeof(error));
		put(bad[i].text, bad[i].len);
		assert_int_equal(eg_offset_load(&o, path, &error), -1);
		assert_int_equal(error.status, EG_CONFIG);
	}
}

static void
no_offset_is_never_written(void **state)
{
	(void)state;
	put("57\n", 3);
	assert_int_equal(eg_offset_load(&o, path, &error), 0);
	assert_int_equal(eg_offset_keep(&o, EG_POSITION_NONE, INT64_MAX, &error), 0);
	assert_int_equal(eg_offset_load(&o, path, &error), 0);
	assert_int_equal(o.saved.offset, 57);
}

static void
it_is_written_once_a_second_at_most_but_at_the_end(void **state)
{
	struct eg_offset now;

	(void)state;
	assert_int_equal(eg_offset_load(&o, path, &error), 0);
	assert_int_equal(eg_offset_keep(&o, at(1), 5000, &error), 0);
	assert_int_equal(eg_offset_keep(&o, at(2), 5999, &error), 0);
	assert_int_equal(eg_offset_load(&now, path, &error), 0);
	assert_int_equal(now.saved.offset, 1);
	assert_int_equal(eg_offset_keep(&o, at(2), 6000, &error), 0);
	assert_int_equal(eg_offset_load(&now, path, &error), 0);
	assert_int_equal(now.saved.offset, 2);
	assert_int_equal(eg_offset_keep(&o, at(3), INT64_MAX, &error), 0);
	assert_int_equal(eg_offset_load(&now, path, &error), 0);
	assert_int_equal(now.saved.offset, 3);
}

static void
a_place_that_cannot_be_written_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(eg_offset_load(&o, "no/such/folder", &error), -1);
	assert_int_equal(error.status, EG_LOCAL_IO);
	memset(&error, 0, sizeof(error));
	assert_int_equal(eg_offset_keep(&o, at(1), 0, &error), -1);
	assert_int_equal(error.status, EG_LOCAL_IO);
	memset(&error, 0, sizeof(error));
}

static void
what_is_no_regular_file_is_refused(void **state)
{
	static const char *const bad[] = { ".", "/dev/null", "fifo" };

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&error, 0, sizeof(error));
		assert_int_equal(eg_offset_load(&o, bad[i], &error), -1);
		assert_int_equal(error.status, EG_CONFIG);
	}
	unlink("fifo");
}

static void
a_symbolic_link_stays_and_its_target_is_replaced(void **state)
{
	struct stat st;

	(void)state;
	put("57\n", 3);
	assert_int_equal(symlink(path, "link"), 0);
	assert_int_equal(eg_offset_load(&o, "link", &error), 0);
	assert_int_equal(o.saved.offset, 57);
	assert_int_equal(eg_offset_keep(&o, at(58), INT64_MAX, &error), 0);
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(eg_offset_load(&o, path, &error), 0);
	assert_int_equal(o.saved.offset, 58);
	unlink("link");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_file_that_does_not_exist_is_no_offset, begin),
		cmocka_unit_test_setup(what_is_kept_is_loaded_again, begin),
		cmocka_unit_test_setup(anything_else_in_the_file_is_wrong, begin),
		cmocka_unit_test_setup(no_offset_is_never_written, begin),
		cmocka_unit_test_setup(it_is_written_once_a_second_at_most_but_at_the_end, begin),
		cmocka_unit_test_setup(a_place_that_cannot_be_written_is_an_error, begin),
		cmocka_unit_test_setup(what_is_no_regular_file_is_refused, begin),
		cmocka_unit_test_setup(a_symbolic_link_stays_and_its_target_is_replaced, begin),
	};
	int rc;

	if (mkdtemp(dir) == NULL || chdir(dir) != 0)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	rmdir(dir);
	return rc;
}
