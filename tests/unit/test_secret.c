/* SPDX-License-Identifier: MIT */
/* Secrets from files: what is taken, what is refused, and that messages keep them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/secret.h"

enum { SIZE = 16 };

static char path[] = "/tmp/eg-test-secret-XXXXXX";

static int
make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static int
read_back(const char *text, size_t len, char out[SIZE], struct eg_error *e)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	*e = (struct eg_error){ 0 };
	return eg_secret_read("--token-file", path, out, SIZE, e);
}

static void
takes(const char *text, const char *want)
{
	struct eg_error e;
	char out[SIZE];

	assert_int_equal(read_back(text, strlen(text), out, &e), 0);
	assert_int_equal(e.status, EG_OK);
	assert_string_equal(out, want);
}

static void
refuses(const char *text, size_t len, const char *why)
{
	struct eg_error e;
	char out[SIZE];

	assert_int_equal(read_back(text, len, out, &e), -1);
	assert_int_equal(e.status, EG_CONFIG);
	assert_non_null(strstr(e.text, why));
	assert_non_null(strstr(e.text, path));
	assert_null(strstr(e.text, "word"));
}

static void
test_one_line_end_is_taken_away(void **state)
{
	(void)state;
	takes("word", "word");
	takes("word\n", "word");
	takes("word\r\n", "word");
	takes(" w\xc3\xb6rd ", " w\xc3\xb6rd ");
}

static void
test_empty_is_refused(void **state)
{
	(void)state;
	refuses("", 0, "empty");
	refuses("\n", 1, "empty");
	refuses("\r\n", 2, "empty");
}

static void
test_control_characters_are_refused(void **state)
{
	(void)state;
	refuses("word\n\n", 6, "control");
	refuses("word\nsecond", 11, "control");
	refuses("wo\trd", 5, "control");
	refuses("wo\x7frd", 5, "control");
	refuses("wo\0rd", 5, "NUL");
	refuses("word\0\n", 6, "NUL");
}

static void
test_length_is_bounded(void **state)
{
	(void)state;
	takes("123456789012345", "123456789012345");
	refuses("1234567890123456", 16, "longer than a secret of 15 bytes");
	refuses("12345678901234567890", 20, "longer");
}

static void
test_files_that_cannot_be_read(void **state)
{
	struct eg_error e = { 0 };
	char out[SIZE];

	(void)state;
	assert_int_equal(eg_secret_read("--token-file", "/nonexistent/file", out, SIZE, &e), -1);
	assert_int_equal(e.status, EG_CONFIG);
	assert_non_null(strstr(e.text, "No such file"));
	e = (struct eg_error){ 0 };
	assert_int_equal(eg_secret_read("--token-file", "/", out, SIZE, &e), -1);
	assert_int_equal(e.status, EG_CONFIG);
	assert_non_null(strstr(e.text, "directory"));
}

static void
test_secrets_that_came_otherwise(void **state)
{
	struct eg_error e = { 0 };

	(void)state;
	assert_int_equal(eg_secret_check("TOKEN", "a word", &e), 0);
	assert_int_equal(eg_secret_check("TOKEN", "word\n", &e), -1);
	assert_int_equal(e.status, EG_CONFIG);
	assert_non_null(strstr(e.text, "'TOKEN'"));
	assert_null(strstr(e.text, "word"));
	e = (struct eg_error){ 0 };
	assert_int_equal(eg_secret_check("TOKEN", "", &e), -1);
	assert_non_null(strstr(e.text, "empty"));
}

static void
test_a_secret_is_taken_out_of_the_environment(void **state)
{
	struct eg_error e = { 0 };
	char *secret, *place;

	(void)state;
	setenv("EG_TEST_SECRET", "sesame", 1);
	place = getenv("EG_TEST_SECRET");
	assert_int_equal(eg_secret_take("EG_TEST_SECRET", &secret, &e), 0);
	assert_string_equal(secret, "sesame");
	assert_null(getenv("EG_TEST_SECRET"));
	assert_memory_equal(place, "\0\0\0\0\0\0", 6);
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
	eg_secret_free(secret);
	assert_int_equal(eg_secret_take("EG_TEST_SECRET", &secret, &e), 0);
	assert_null(secret);
	eg_secret_free(secret);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_line_end_is_taken_away),
		cmocka_unit_test(test_empty_is_refused),
		cmocka_unit_test(test_control_characters_are_refused),
		cmocka_unit_test(test_length_is_bounded),
		cmocka_unit_test(test_files_that_cannot_be_read),
		cmocka_unit_test(test_secrets_that_came_otherwise),
		cmocka_unit_test(test_a_secret_is_taken_out_of_the_environment),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
