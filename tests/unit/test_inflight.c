/* SPDX-License-Identifier: MIT */
/* What is written and what is matched, over pipes whose other ends we hold. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "stage/inflight.h"

static struct eg_chunk units[8];
static int to[2], from[2];
static char log_text[4096];
static size_t log_len;

static void
note(const char *what, const struct eg_chunk *u, const char *line, size_t len)
{
	log_len += (size_t)snprintf(log_text + log_len, sizeof(log_text) - log_len, "%s%d%.*s ",
	    what, (int)(u - units), (int)len, line);
}

static void
refused(void *ctx, struct eg_chunk *u, const char *line, size_t len)
{
	(void)ctx;
	note("-", u, line, len);
}

static void
settled(void *ctx, struct eg_chunk *u)
{
	(void)ctx;
	note("+", u, "", 0);
}

static void
dropped(void *ctx, struct eg_chunk *u)
{
	(void)ctx;
	note("=", u, "", 0);
}

static const struct eg_child_calls calls = { refused, settled, dropped };
static struct eg_inflight *w;

static int
begin(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	log_len = 0;
	log_text[0] = '\0';
	w = calloc(1, sizeof(*w));
	w->calls = &calls;
	return pipe2(to, O_NONBLOCK | O_CLOEXEC) != 0 || pipe2(from, O_NONBLOCK | O_CLOEXEC) != 0;
}

static int
end(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		close(to[i]);
		close(from[i]);
	}
	free(w);
	return 0;
}

static void
push(int i, const char *text)
{
	units[i] = (struct eg_chunk){ .text = text, .len = strlen(text) };
	eg_inflight_push(w, &units[i]);
}

static void
give(const struct eg_chunk *stop, const char *expected)
{
	char got[256];
	ssize_t n = eg_inflight_write(w, to[1], stop);

	assert_int_equal(n, (ssize_t)strlen(expected));
	assert_int_equal(n > 0 ? read(to[0], got, sizeof(got)) : 0, n);
	assert_memory_equal(got, expected, (size_t)n);
}

/* What reading this echo ends with; bad is the line at fault. */
static enum eg_echo
echo(const char *text, char *bad)
{
	const char *at = NULL;
	size_t done = 0, len = 0;
	enum eg_echo what;

	assert_int_equal(write(from[1], text, strlen(text)), (ssize_t)strlen(text));
	what = eg_inflight_read(w, from[0], &done, &at, &len);
	if (what == EG_ECHO_WRONG)
		snprintf(bad, 64, "%.*s", (int)len, at);
	return what;
}

static void
units_settle_line_by_line_in_any_pieces(void **state)
{
	(void)state;
	push(0, "a\nb\n");
	push(1, "c\n");
	give(NULL, "a\nb\nc\n");
	assert_int_equal(echo("a", NULL), EG_ECHO_MORE);
	assert_string_equal(log_text, "");
	assert_int_equal(echo("\nb", NULL), EG_ECHO_MORE);
	assert_int_equal(units[0].matched, 2);
	assert_int_equal(echo("\nc\n", NULL), EG_ECHO_MORE);
	assert_string_equal(log_text, "+0 +1 ");
	assert_null(w->first);
}

static void
lines_left_out_are_refused_by_a_later_one(void **state)
{
	(void)state;
	push(0, "a\nb\n");
	push(1, "c\nd\n");
	push(2, "e\n");
	give(NULL, "a\nb\nc\nd\ne\n");
	assert_int_equal(echo("d\n", NULL), EG_ECHO_MORE);
	assert_string_equal(log_text, "-0a -0b +0 -1c +1 ");
	assert_int_equal(w->given, 2);
}

static void
equal_lines_are_matched_in_order(void **state)
{
	(void)state;
	push(0, "a\n");
	push(1, "b\n");
	push(2, "a\n");
	give(NULL, "a\nb\na\n");
	assert_int_equal(echo("a\na\n", NULL), EG_ECHO_MORE);
	assert_string_equal(log_text, "+0 -1b +1 +2 ");
}

static void
what_was_not_given_is_wrong(void **state)
{
	char bad[64];

	(void)state;
	push(0, "a\nb\n");
	give(NULL, "a\nb\n");
	push(1, "c\n");
	assert_int_equal(echo("a\nc\n", bad), EG_ECHO_WRONG);
	assert_string_equal(bad, "c\n");
	assert_string_equal(log_text, "");
	assert_int_equal(units[0].matched, 2);
}

static void
a_line_given_in_part_cannot_be_matched(void **state)
{
	char *text = malloc(200000), bad[64], last[32];
	const char *line;
	size_t len = 0;

	(void)state;
	while (len < 190000)
		len += (size_t)snprintf(text + len, 32, "line%zu\n", len);
	push(0, text);
	len = (size_t)eg_inflight_write(w, to[1], NULL);
	assert_true(w->full && len < units[0].len);
	/* As if the pipe had ended behind three bytes of a line. */
	line = (const char *)memrchr(text, '\n', len) + 1;
	w->given = len = (size_t)(line - text) + 3;
	snprintf(last, sizeof(last), "%.*s", (int)(strchr(line, '\n') + 1 - line), line);
	assert_int_equal(echo(last, bad), EG_ECHO_WRONG);
	assert_string_equal(log_text, "");
	assert_int_equal(w->given, len);
	eg_inflight_drop(w);
	free(text);
}

static void
nothing_is_written_behind_the_stop(void **state)
{
	(void)state;
	push(0, "a\n");
	push(1, "b\n");
	push(2, "c\n");
	give(&units[1], "a\nb\n");
	give(&units[1], "");
	give(NULL, "c\n");
}

static void
what_has_no_fate_is_written_again(void **state)
{
	(void)state;
	push(0, "a\nb\nc\n");
	push(1, "d\n");
	give(NULL, "a\nb\nc\nd\n");
	assert_int_equal(echo("a\nb\nc", NULL), EG_ECHO_MORE);
	eg_inflight_rewind(w);
	give(NULL, "c\nd\n");
	assert_int_equal(echo("c\nd\n", NULL), EG_ECHO_MORE);
	assert_string_equal(log_text, "+0 +1 ");
}

static void
a_head_has_no_receipt_and_is_written_again_with_what_is(void **state)
{
	(void)state;
	push(0, "a\nb\nc\n");
	units[0].head = "#1\n";
	units[0].head_len = 3;
	push(1, "d\n");
	units[1].head = "#2\n";
	units[1].head_len = 3;
	push(2, "e\n");
	give(&units[1], "#1\na\nb\nc\n#2\nd\n");
	assert_int_equal(w->given, 8);
	assert_int_equal(echo("a\nb\n", NULL), EG_ECHO_MORE);
	eg_inflight_rewind(w);
	give(NULL, "#1\nc\n#2\nd\ne\n");
	assert_int_equal(echo("c\ne\n", NULL), EG_ECHO_MORE);
	assert_string_equal(log_text, "+0 -1d +1 +2 ");
}

/* The pipe takes a head in part, then the rest of it with the text. */
static void
a_head_is_written_in_any_pieces(void **state)
{
	static char fill[4096], got[8192];
	size_t full = 0, n = 0;
	ssize_t k;

	(void)state;
	while ((k = write(to[1], fill, sizeof(fill))) > 0)
		full += (size_t)k;
	assert_int_equal(read(to[0], got, sizeof(fill)), sizeof(fill));
	memset(fill, 'h', sizeof(fill));
	push(0, "a\n");
	units[0].head = fill;
	units[0].head_len = sizeof(fill);
	push(1, "b\n");
	assert_true(eg_inflight_write(w, to[1], NULL) > 0 && w->full);
	assert_true(w->head > 0 && w->given == 0);
	for (full -= sizeof(fill); full > 0; full -= (size_t)k)
		assert_true((k = read(to[0], got, full < sizeof(got) ? full : sizeof(got))) > 0);
	do {
		n += (size_t)read(to[0], got + n, sizeof(got) - n);
		w->full = false;
	} while (eg_inflight_write(w, to[1], NULL) > 0);
	assert_int_equal(n, sizeof(fill) + 4);
	assert_memory_equal(got, fill, sizeof(fill));
	assert_memory_equal(got + sizeof(fill), "a\nb\n", 4);
	assert_int_equal(w->given, 4);
}

static void
only_what_was_given_is_refused_at_the_end(void **state)
{
	(void)state;
	push(0, "a\nb\n");
	give(NULL, "a\nb\n");
	push(1, "c\n");
	eg_inflight_refuse(w);
	assert_string_equal(log_text, "-0a -0b +0 ");
	eg_inflight_drop(w);
	assert_string_equal(log_text, "-0a -0b +0 =1 ");
}

static void
ends_of_pipes_are_told(void **state)
{
	const char *bad;
	size_t done = 0, len;

	(void)state;
	push(0, "a\n");
	assert_int_equal(eg_inflight_read(w, from[0], &done, &bad, &len), EG_ECHO_NOTHING);
	close(from[1]);
	assert_int_equal(eg_inflight_read(w, from[0], &done, &bad, &len), EG_ECHO_END);
	close(to[0]);
	assert_int_equal(eg_inflight_write(w, to[1], NULL), -1);
	from[1] = to[0] = -1;
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		T(units_settle_line_by_line_in_any_pieces),
		T(lines_left_out_are_refused_by_a_later_one),
		T(equal_lines_are_matched_in_order),
		T(what_was_not_given_is_wrong),
		T(a_line_given_in_part_cannot_be_matched),
		T(nothing_is_written_behind_the_stop),
		T(what_has_no_fate_is_written_again),
		T(a_head_has_no_receipt_and_is_written_again_with_what_is),
		T(a_head_is_written_in_any_pieces),
		T(only_what_was_given_is_refused_at_the_end),
		T(ends_of_pipes_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
