/* SPDX-License-Identifier: MIT */
/* Replacing a file: what may be replaced, and what stays. */
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

#include "base/diag.h"
#include "base/file.h"

static struct eg_error error;

static void
holds(const char *path, const char *want)
{
	char text[64] = "";
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_true(fread(text, 1, sizeof(text) - 1, f) == strlen(want));
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, want);
}

static void
replace(const char *path, const char *text)
{
	assert_int_equal(eg_file_replace(path, text, strlen(text), &error), 0);
}

static void
a_file_is_created_and_replaced_and_keeps_its_mode(void **state)
{
	struct stat st;

	(void)state;
	replace("a", "one");
	holds("a", "one");
	assert_int_equal(chmod("a", 0640), 0);
	replace("a", "");
	holds("a", "");
	assert_int_equal(stat("a", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void
the_target_of_a_link_is_replaced_and_the_link_stays(void **state)
{
	struct stat st;

	(void)state;
	replace("b", "one");
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(symlink("../b", "folder/link"), 0);
	replace("folder/link", "two");
	holds("b", "two");
	assert_int_equal(lstat("folder/link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void
a_name_that_others_have_prepared_is_not_written_to(void **state)
{
	char tmp[64];

	(void)state;
	replace("victim", "safe");
	replace("c", "one");
	(void)snprintf(tmp, sizeof(tmp), "c.%ld.tmp", (long)getpid());
	assert_int_equal(symlink("victim", tmp), 0);
	replace("c", "two");
	holds("c", "two");
	holds("victim", "safe");
	assert_int_not_equal(access(tmp, F_OK), 0);
}

static void
anything_else_is_refused(void **state)
{
	static const char *const bad[] = { "fifo", "folder2", "dangling", "no/such/folder" };

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(mkdir("folder2", 0700), 0);
	assert_int_equal(symlink("nothing", "dangling"), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&error, 0, sizeof(error));
		assert_int_equal(eg_file_replace(bad[i], "x", 1, &error), -1);
		assert_int_equal(error.status, EG_LOCAL_IO);
		memset(&error, 0, sizeof(error));
		assert_int_equal(eg_file_check(bad[i], &error), -1);
		assert_int_equal(error.status, EG_LOCAL_IO);
	}
	assert_int_equal(access("nothing", F_OK), -1);
}

static void
a_check_changes_nothing(void **state)
{
	char tmp[64];

	(void)state;
	replace("d", "one");
	memset(&error, 0, sizeof(error));
	assert_int_equal(eg_file_check("d", &error), 0);
	holds("d", "one");
	assert_int_equal(eg_file_check("none", &error), 0);
	assert_int_equal(access("none", F_OK), -1);
	(void)snprintf(tmp, sizeof(tmp), "none.%ld.tmp", (long)getpid());
	assert_int_equal(access(tmp, F_OK), -1);
}

static void
a_fifo_without_a_reader_takes_nothing_and_is_no_failure(void **state)
{
	(void)state;
	memset(&error, 0, sizeof(error));
	assert_int_equal(mkfifo("stream", 0600), 0);
	assert_true(eg_file_is_stream("stream"));
	assert_false(eg_file_is_stream("nothing"));
	assert_int_equal(eg_file_apart("--x", "stream", &error), 0);
	assert_int_equal(eg_file_apart("--x", "nothing", &error), 0);
	assert_false(eg_file_same("stream", "nothing"));
	assert_true(eg_file_same("nothing", ".//nothing"));
	assert_false(eg_file_same("nothing", "stream/nothing"));
	assert_true(eg_file_same("no/such", "no/such"));
	assert_false(eg_file_holds_other("stream", "x"));
	assert_int_equal(eg_file_write("stream", "x", 1, &error), 0);
	assert_int_equal(eg_file_write("no/such/file", "x", 1, &error), -1);
	assert_string_equal(error.text, "cannot write 'no/such/file': No such file or directory");
	memset(&error, 0, sizeof(error));
	assert_int_equal(unlink("stream"), 0);
	assert_int_equal(eg_file_replace_unsynced("d", "one", 3, &error), 0);
	holds("d", "one");
	assert_false(eg_file_holds_other("d", "on"));
	assert_true(eg_file_holds_other("d", "ones"));
	assert_false(eg_file_holds_other("nothing", "x"));
	assert_int_equal(unlink("d"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_created_and_replaced_and_keeps_its_mode),
		cmocka_unit_test(the_target_of_a_link_is_replaced_and_the_link_stays),
		cmocka_unit_test(a_name_that_others_have_prepared_is_not_written_to),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(a_check_changes_nothing),
		cmocka_unit_test(a_fifo_without_a_reader_takes_nothing_and_is_no_failure),
	};
	char dir[] = "/tmp/eg-file-XXXXXX";
	char command[64];
	int rc;

	if (mkdtemp(dir) == NULL || chdir(dir) != 0)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(command, sizeof(command), "rm -r %s", dir);
	if (chdir("/") != 0 || system(command) != 0)
		return 1;
	return rc;
}
