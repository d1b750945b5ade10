/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "serve/tokens.h"

static struct eg_tokens t;
static struct eg_error e;

static int
parse(const char *text)
{
	eg_tokens_free(&t);
	e = (struct eg_error){ 0 };
	return eg_tokens_parse(&t, "file", text, strlen(text), &e);
}

static void
names_secrets_and_sensors_are_read(void **state)
{
	const struct eg_token *k;

	(void)state;
	assert_int_equal(parse("# comment\n\nroof  s3cret\t pv/* inverter\r\nadmin longer-secret"), 0);
	assert_int_equal(t.n, 2);
	k = eg_tokens_find(&t, "s3cret", 6);
	assert_non_null(k);
	assert_string_equal(k->name, "roof");
	assert_true(eg_tokens_may(k, "pv/1", 4));
	assert_true(eg_tokens_may(k, "inverter", 8));
	assert_false(eg_tokens_may(k, "inverter2", 9));
	assert_false(eg_tokens_may(k, "pv", 2));
	k = eg_tokens_find(&t, "longer-secret", 13);
	assert_non_null(k);
	assert_true(eg_tokens_may(k, "anything", 8));
}

static void
only_the_whole_secret_is_one(void **state)
{
	char longer[EG_TOKEN_MAX + 2];

	(void)state;
	assert_int_equal(parse("a s3cret\n"), 0);
	assert_null(eg_tokens_find(&t, "s3cre", 5));
	assert_null(eg_tokens_find(&t, "s3cret2", 7));
	assert_null(eg_tokens_find(&t, "", 0));
	assert_null(eg_tokens_find(&t, "s3cret\0", 7));
	assert_null(eg_tokens_find(&t, "S3cret", 6));
	memset(longer, 'x', sizeof(longer));
	assert_null(eg_tokens_find(&t, longer, sizeof(longer)));
}

static void
a_wrong_file_is_told_without_its_secrets(void **state)
{
	static const char *const bad[] = { "one\n", "a s3cret\nb s3cret\n", "a s3cret\na other\n" };
	char longer[400] = "a ";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(bad[i]), -1);
		assert_int_equal(e.status, EG_CONFIG);
		assert_null(strstr(e.text, "s3cret"));
	}
	memset(longer + 2, 'x', sizeof(longer) - 3);
	assert_int_equal(parse(longer), -1);
	assert_int_equal(eg_tokens_parse(&t, "file", "a b\0c", 5, &e), -1);
}

static void
a_rate_has_a_burst_and_then_a_pause(void **state)
{
	struct eg_token k = { .name = NULL };

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(eg_tokens_count(&k, 5, 1000), 0);
	assert_int_equal(eg_tokens_count(&k, 5, 1000), 201);
	assert_int_equal(eg_tokens_count(&k, 5, 1100), 101);
	assert_int_equal(eg_tokens_count(&k, 5, 1201), 0);
	assert_true(eg_tokens_count(&k, 5, 1201) > 0);
	/* However long it was silent, no more than a second's worth. */
	for (int i = 0; i < 5; i++)
		assert_int_equal(eg_tokens_count(&k, 5, 900000), 0);
	assert_true(eg_tokens_count(&k, 5, 900000) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_secrets_and_sensors_are_read),
		cmocka_unit_test(only_the_whole_secret_is_one),
		cmocka_unit_test(a_wrong_file_is_told_without_its_secrets),
		cmocka_unit_test(a_rate_has_a_burst_and_then_a_pause),
	};
	int status = cmocka_run_group_tests(tests, NULL, NULL);

	eg_tokens_free(&t);
	return status;
}
