/* SPDX-License-Identifier: MIT */
/* A table of options: what is stored where, presets, and what stands behind the options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/options.h"

enum colour { RED, GREEN, BLUE };

struct settings {
	bool flag;
	const char *text, *name;
	unsigned small;
	int64_t large, ns;
	double number;
	enum colour colour;
	struct {
		int calls;
		const char *last;
	} sub;
};

static void
count(void *to, char *arg)
{
	struct settings *s = (struct settings *)((char *)to - offsetof(struct settings, sub));

	s->sub.calls++;
	s->sub.last = arg;
}

static const struct eg_option table[] = {
	{ 'c', "colour", "NAME", "", EG_CHOICE(struct settings, colour, "red green blue"),
		.preset = "green" },
	{ 'f', "flag", NULL, "", EG_FLAG(struct settings, flag) },
	{ 0, "large", "N", "", EG_INT(struct settings, large, INT64_MIN, INT64_MAX) },
	{ 'n', "name", "TEXT", "", EG_NAME(struct settings, name, 1, 5) },
	{ 's', "small", "N", "", EG_INT(struct settings, small, 0, UINT32_MAX), .preset = "7" },
	{ 't', "text", "TEXT", "", EG_TEXT(struct settings, text), .preset = "preset" },
	{ 'w', "wait", "DURATION", "", EG_DURATION(struct settings, ns, 0, EG_DAY_MS), .unit = 1000000,
		.preset = "2s" },
	{ 'x', "number", "X", "", EG_DOUBLE(struct settings, number, -1, 1) },
	{ 'y', "call", "ARG", "", EG_CALL_AT(struct settings, sub, count) },
	{ 0 },
};

static struct settings s;
static struct eg_options o;

static char words[256], *argv[32];
static int argc;

/* Parses the words of line; returns the index of the first operand. */
static int
parse(const char *line)
{
	char *rest = words;

	strcpy(words, line);
	for (argc = 0; (argv[argc] = strsep(&rest, " ")) != NULL;)
		argc++;
	s = (struct settings){ .large = 5 };
	o = (struct eg_options){ .table = table, .settings = &s, .peers = true };
	return eg_options_parse(&o, argc, argv);
}

static void
without_options_there_are_presets_and_what_was_before(void **state)
{
	(void)state;
	assert_int_equal(parse("p"), 1);
	assert_int_equal(s.colour, GREEN);
	assert_int_equal(s.small, 7);
	assert_int_equal(s.large, 5);
	assert_string_equal(s.text, "preset");
	assert_true(s.ns == INT64_C(2000000000));
	assert_false(s.flag);
	assert_int_equal(s.sub.calls, 0);
	assert_true(o.common.grace_ms == 10000 && o.common.timeout_ms == 0);
	assert_false(eg_options_given(&o, "small"));
}

static void
each_form_is_taken_and_stored(void **state)
{
	(void)state;
	assert_int_equal(parse("p --colour=blue -fs4294967295 --large -9223372036854775808 -n abc -x-0.5 "
	    "--text= -w 1.5s -yone --call --two --grace=1m -v"), 16);
	assert_int_equal(s.colour, BLUE);
	assert_true(s.flag);
	assert_true(s.small == UINT32_MAX);
	assert_true(s.large == INT64_MIN);
	assert_string_equal(s.name, "abc");
	assert_string_equal(s.text, "");
	assert_true(s.number == -0.5);
	assert_true(s.ns == INT64_C(1500000000));
	assert_int_equal(s.sub.calls, 2);
	assert_string_equal(s.sub.last, "--two");
	assert_true(o.common.grace_ms == 60000 && o.common.verbose == 1);
	assert_true(eg_options_given(&o, "small") && eg_options_given(&o, "call"));
	assert_false(eg_options_given(&o, "grace") || eg_options_given(&o, "none"));
	eg_diag_verbose(0);
}

static void
operands_end_the_options_and_a_caller_goes_on_behind_them(void **state)
{
	(void)state;
	assert_int_equal(parse("p -f - -n a -- -f --flag"), 2);
	assert_true(s.flag && s.name == NULL);
	o.next++;
	assert_int_equal(eg_options_parse(&o, argc, argv), 6);
	assert_string_equal(s.name, "a");
	o.next++;
	assert_int_equal(eg_options_parse(&o, argc, argv), 7);
}

static void
settings_from_elsewhere_are_taken_by_name(void **state)
{
	char nine[] = "9";

	(void)state;
	parse("p");
	assert_true(eg_options_take(table, &s, "small", nine));
	assert_int_equal(s.small, 9);
	assert_true(eg_options_take(table, &s, "flag", NULL));
	assert_true(s.flag);
	assert_false(eg_options_take(table, &s, "smal", nine));
	assert_false(eg_options_given(&o, "small"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options_there_are_presets_and_what_was_before),
		cmocka_unit_test(each_form_is_taken_and_stored),
		cmocka_unit_test(operands_end_the_options_and_a_caller_goes_on_behind_them),
		cmocka_unit_test(settings_from_elsewhere_are_taken_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
