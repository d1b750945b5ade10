/* SPDX-License-Identifier: MIT */
/* Messages are one line each, the first error wins, quoted text is short and whole. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "said.h"

static void
the_first_error_wins(void **state)
{
	struct eg_error e = { 0 };

	(void)state;
	assert_int_equal(eg_fail(&e, EG_CONFIG, "no '%s'", "x"), -1);
	assert_int_equal(eg_fail(&e, EG_LOCAL_IO, "later"), -1);
	assert_int_equal(e.status, EG_CONFIG);
	assert_string_equal(e.text, "no 'x'");
}

static void
a_long_error_is_cut_short(void **state)
{
	struct eg_error e = { 0 };
	char text[1000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	eg_fail(&e, EG_BUG, "%s", text);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
}

static void
a_message_names_program_and_level(void **state)
{
	const char *said;

	(void)state;
	eg_diag_init("test");
	said_begin();
	eg_fatal("cannot open '%s'", "x");
	eg_warn("%d", 1);
	eg_note("in 0");
	said = said_end();
	assert_string_equal(said, "test: fatal: cannot open 'x'\ntest: warning: 1\ntest: in 0\n");
	assert_string_equal(eg_program(), "test");
}

static void
info_is_silent_unless_asked_for(void **state)
{
	const char *said;

	(void)state;
	said_begin();
	eg_info("one");
	eg_diag_verbose(1);
	eg_info("two");
	eg_diag_verbose(0);
	eg_info("three");
	said = said_end();
	assert_string_equal(said, "test: info: two\n");
}

static void
control_characters_are_blanked_and_the_line_is_bounded(void **state)
{
	const char *said;
	char text[2000];

	(void)state;
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	said_begin();
	eg_warn("a\nb\x1b[31mc\x7f");
	eg_warn("%s", text);
	said = said_end();
	assert_memory_equal(said, "test: warning: a b [31mc \n", 26);
	assert_in_range(strlen(said + 26), 500, 640);
	assert_int_equal(strcspn(said + 26, "\n"), strlen(said + 26) - 1);
}

static void
a_message_keeps_errno(void **state)
{
	int kept, closed;

	(void)state;
	said_begin();
	errno = ENOENT;
	eg_warn("x");
	kept = errno;
	close(STDERR_FILENO);
	errno = ENOENT;
	eg_warn("x");
	closed = errno;
	said_end();
	assert_int_equal(kept, ENOENT);
	assert_int_equal(closed, ENOENT);
}

static void
a_report_is_the_status_and_a_success_says_nothing(void **state)
{
	struct eg_error good = { 0 }, bad = { .status = EG_TEMPORARY, .text = "100% away" };
	int first, second;
	const char *said;

	(void)state;
	said_begin();
	first = eg_report(&good);
	second = eg_report(&bad);
	said = said_end();
	assert_int_equal(first, EG_OK);
	assert_int_equal(second, EG_TEMPORARY);
	assert_string_equal(said, "test: fatal: 100% away\n");
}

static void
quotes(const char *text, const char *want)
{
	char out[EG_QUOTE_MAX];
	/* Exactly the text: a byte behind it is for the sanitizer to see. */
	char *copy = malloc(strlen(text) > 0 ? strlen(text) : 1);

	assert_non_null(copy);
	memcpy(copy, text, strlen(text));
	assert_ptr_equal(eg_quote(copy, strlen(text), out), out);
	assert_string_equal(out, want);
	free(copy);
}

#define TEN "0123456789"

static void
quoted_text_is_short_and_holds_no_control_characters(void **state)
{
	char out[EG_QUOTE_MAX];

	(void)state;
	quotes("", "''");
	quotes("a:1", "'a:1'");
	quotes("a\tb\rc\x7f", "'a?b?c?'");
	assert_string_equal(eg_quote("a\0b", 3, out), "'a?b'");
	/* RIGHT-TO-LEFT OVERRIDE, LINE SEPARATOR, FIRST STRONG ISOLATE and ARABIC LETTER MARK. */
	quotes("a\xe2\x80\xae" "b\xe2\x80\xa8" "c\xe2\x81\xa8" "d\xd8\x9c", "'a?b?c?d?'");
	quotes(TEN TEN TEN TEN "01234567", "'" TEN TEN TEN TEN "01234567'");
	quotes(TEN TEN TEN TEN "012345678", "'" TEN TEN TEN TEN "01234567'...");
}

static void
quoted_text_ends_between_characters(void **state)
{
	(void)state;
	/* Two, three and four bytes, of which the 48th is not the last. */
	quotes(TEN TEN TEN TEN "0123456\xc3\xb6x", "'" TEN TEN TEN TEN "0123456'...");
	quotes(TEN TEN TEN TEN "012345\xe2\x82\xacx", "'" TEN TEN TEN TEN "012345'...");
	quotes(TEN TEN TEN TEN "01234\xf0\x9f\x94\x8bx", "'" TEN TEN TEN TEN "01234'...");
	quotes(TEN TEN TEN TEN "012345\xc3\xb6x", "'" TEN TEN TEN TEN "012345\xc3\xb6'...");
}

static void
no_byte_that_a_terminal_obeys_is_in_a_message(void **state)
{
	/* CSI in one byte, in UTF-8, and as ESC [; a NEL; overlong and cut sequences. */
	static const char evil[] = "a\x9b" "31m\xc2\x9b" "31m\x1b[31m\xc2\x85" "b\xc0\x9b\xe0\x80\x9b\xe2\x82";
	const char *said;

	(void)state;
	quotes(evil, "'a?31m?31m?[31m?b" "???" "??" "??" "'");
	eg_diag_init("test");
	said_begin();
	eg_warn("%s", evil);
	eg_warn("%.1s caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x8b", "\xc3\xa9");
	said = said_end();
	assert_string_equal(said, "test: warning: a 31m 31m [31m b       \n"
				  "test: warning:   caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\x8b\n");
}

static void
cleaned_text_is_utf8_whatever_it_was(void **state)
{
	char text[3];

	(void)state;
	for (unsigned a = 0; a < 256; a++)
		for (unsigned b = 0; b < 256; b++) {
			size_t n;

			text[0] = (char)a;
			text[1] = (char)b;
			text[2] = 'x';
			n = eg_text_clean(text, 3, '?');
			assert_in_range(n, 2, 3);
			assert_int_equal(text[n - 1], 'x');
			/* Clean already: nothing is left to do. */
			assert_int_equal(eg_text_clean(text, n, '!'), n);
			assert_true(a == '!' || b == '!' || memchr(text, '!', n) == NULL);
		}
	assert_int_equal(eg_text_clean(text, 0, '?'), 0);
}

static void
what_may_pass_by_itself_is_no_wrong_setting(void **state)
{
	(void)state;
	assert_int_equal(eg_status_of(ENOENT), EG_CONFIG);
	assert_int_equal(eg_status_of(EACCES), EG_CONFIG);
	assert_int_equal(eg_status_of(EISDIR), EG_CONFIG);
	assert_int_equal(eg_status_of(EIO), EG_LOCAL_IO);
	assert_int_equal(eg_status_of(EMFILE), EG_LOCAL_IO);
	assert_int_equal(eg_status_of(ENOSPC), EG_LOCAL_IO);
	assert_int_equal(eg_status_of(EINTR), EG_LOCAL_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_error_wins),
		cmocka_unit_test(a_long_error_is_cut_short),
		cmocka_unit_test(a_message_names_program_and_level),
		cmocka_unit_test(info_is_silent_unless_asked_for),
		cmocka_unit_test(control_characters_are_blanked_and_the_line_is_bounded),
		cmocka_unit_test(a_message_keeps_errno),
		cmocka_unit_test(a_report_is_the_status_and_a_success_says_nothing),
		cmocka_unit_test(quoted_text_is_short_and_holds_no_control_characters),
		cmocka_unit_test(quoted_text_ends_between_characters),
		cmocka_unit_test(no_byte_that_a_terminal_obeys_is_in_a_message),
		cmocka_unit_test(cleaned_text_is_utf8_whatever_it_was),
		cmocka_unit_test(what_may_pass_by_itself_is_no_wrong_setting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
