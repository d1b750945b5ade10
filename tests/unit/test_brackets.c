/* SPDX-License-Identifier: MIT */
/* The end of a JSON document, by its brackets: the same however its bytes arrive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/brackets.h"

/* Looks at the first len bytes of text, which come in pieces of `piece` bytes. */
static enum eg_brackets_end
find(const char *text, size_t len, size_t piece, size_t *at)
{
	struct eg_brackets b = { .depth = 0 };
	enum eg_brackets_end found = EG_BRACKETS_MORE;

	*at = 0;
	for (size_t end = piece; found == EG_BRACKETS_MORE && *at < len; end += piece) {
		size_t some = end < len ? end : len;
		char *copy = malloc(some);

		assert_non_null(copy);
		memcpy(copy, text, some);
		found = eg_brackets_find(&b, copy, some, at);
		free(copy);
	}
	return found;
}

static void
a_document_ends_at_its_last_bracket(void **state)
{
	static const struct {
		const char *text;
		enum eg_brackets_end found;
		size_t at;
	} cases[] = {
		{ "{}{}", EG_BRACKETS_LAST, 1 },
		{ "[1,{\"a\":[2.5]}],3", EG_BRACKETS_LAST, 14 },
		{ "{\"a\":\"}]\"}x", EG_BRACKETS_LAST, 9 },
		{ "{\"a\":\"\\\"}\"}x", EG_BRACKETS_LAST, 10 },
		{ "{\"a\":\"\\\\\"}\"x", EG_BRACKETS_LAST, 9 },
		{ "{\"a\":\"long, with }]} and \\\" and \\\\\\\"} in it\"}x", EG_BRACKETS_LAST, 44 },
		{ "{\"a\":\"\\n is a line\",\"b\":\"long\"}x", EG_BRACKETS_LAST, 30 },
		{ "{\"\xc3\xa4 and more\":1}x", EG_BRACKETS_LAST, 16 },
		{ "{\"a\":1,\n}", EG_BRACKETS_LINE, 7 },
		{ "{\"a\":\"in a string\n\"}", EG_BRACKETS_LINE, 17 },
		{ "{\"a\":\"\\\n\"}", EG_BRACKETS_LINE, 7 },
		{ "{\"a\":[1,2]", EG_BRACKETS_MORE, 10 },
		{ "{\"a\":\"}}}}\\", EG_BRACKETS_MORE, 11 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t piece = 1, len = strlen(cases[i].text); piece <= len; piece++) {
			size_t at;
			enum eg_brackets_end found = find(cases[i].text, len, piece, &at);

			if (found != cases[i].found || at != cases[i].at)
				fail_msg("%s in pieces of %zu: %d at %zu", cases[i].text, piece, (int)found, at);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_ends_at_its_last_bracket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
