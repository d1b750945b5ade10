/* SPDX-License-Identifier: MIT */
/* The reader of lines: split anywhere, held until released, bounded. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diag.h"
#include "record/lines.h"

enum { RING = 64 * 1024 };

static struct eg_error e;

/* A reader over bytes that are there all at once. */
static int
open_on(struct eg_lines *l, const char *text, size_t len)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	memset(&e, 0, sizeof(e));
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(eg_lines_open(l, fd, RING, &e), 0);
	return fd;
}

static void
done(struct eg_lines *l, int fd)
{
	eg_lines_close(l);
	close(fd);
}

/* The next line, reading as needed; false at the end. */
static bool
next(struct eg_lines *l, struct eg_line *out)
{
	while (!eg_lines_next(l, out)) {
		if (l->eof)
			return false;
		assert_true(eg_lines_room(l));
		assert_int_equal(eg_lines_fill(l, &e), 0);
	}
	return true;
}

static void
assert_line(struct eg_lines *l, const char *text, uint64_t lineno, enum eg_fault fault)
{
	struct eg_line line;

	assert_true(next(l, &line));
	assert_int_equal(line.len, strlen(text));
	assert_memory_equal(line.text, text, line.len);
	assert_int_equal(line.lineno, lineno);
	assert_int_equal(line.fault, fault);
}

static void
lines_come_in_order_with_their_numbers(void **state)
{
	struct eg_lines l;
	struct eg_line line;
	int fd = open_on(&l, "one\n\nthree\n", 11);

	(void)state;
	assert_line(&l, "one", 1, EG_FAULT_NONE);
	assert_line(&l, "", 2, EG_FAULT_NONE);
	assert_line(&l, "three", 3, EG_FAULT_NONE);
	assert_false(next(&l, &line));
	assert_false(next(&l, &line));
	done(&l, fd);
}

static void
a_line_without_an_end_is_told_only_at_the_end(void **state)
{
	struct eg_lines l;
	struct eg_line line;
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(eg_lines_open(&l, p[0], RING, &e), 0);
	assert_int_equal(write(p[1], "half", 4), 4);
	assert_int_equal(eg_lines_fill(&l, &e), 0);
	assert_false(eg_lines_next(&l, &line));
	assert_int_equal(write(p[1], " whole\nrest", 11), 11);
	assert_int_equal(eg_lines_fill(&l, &e), 0);
	assert_line(&l, "half whole", 1, EG_FAULT_NONE);
	assert_false(eg_lines_next(&l, &line));
	close(p[1]);
	assert_line(&l, "rest", 2, EG_FAULT_UNTERMINATED);
	assert_false(next(&l, &line));
	done(&l, p[0]);
}

static void
empty_input_has_no_lines(void **state)
{
	struct eg_lines l;
	struct eg_line line;
	int fd = open_on(&l, "", 0);

	(void)state;
	assert_false(next(&l, &line));
	assert_true(l.eof);
	done(&l, fd);
}

static void
the_longest_line_passes_and_one_byte_more_does_not(void **state)
{
	char *text = malloc(3 * EG_LINE_MAX + 16);
	struct eg_lines l;
	struct eg_line line;
	int fd;

	(void)state;
	memset(text, 'a', 3 * EG_LINE_MAX);
	text[EG_LINE_MAX] = '\n';
	text[2 * EG_LINE_MAX + 2] = '\n';
	memcpy(text + 2 * EG_LINE_MAX + 3, "ok\n", 3);
	fd = open_on(&l, text, 2 * EG_LINE_MAX + 6);
	assert_true(next(&l, &line));
	assert_int_equal(line.fault, EG_FAULT_NONE);
	assert_int_equal(line.len, EG_LINE_MAX);
	assert_true(next(&l, &line));
	assert_int_equal(line.fault, EG_FAULT_TOO_LONG);
	assert_int_equal(line.len, EG_LINE_MAX);
	assert_int_equal(line.lineno, 2);
	assert_line(&l, "ok", 3, EG_FAULT_NONE);
	assert_false(next(&l, &line));
	done(&l, fd);
	free(text);
}

/* Ten times the ring, nothing ever released but what the reader lets go itself. */
static void
a_line_longer_than_the_ring_is_passed_over(void **state)
{
	const size_t len = 10 * RING;
	char *text = malloc(len + 8);
	struct eg_lines l;
	struct eg_line line;
	int fd;

	(void)state;
	memset(text, 0, len);
	memcpy(text + len, "\nok\n", 4);
	fd = open_on(&l, text, len + 4);
	assert_true(next(&l, &line));
	assert_int_equal(line.fault, EG_FAULT_TOO_LONG);
	eg_lines_release(&l, NULL);
	assert_line(&l, "ok", 2, EG_FAULT_NONE);
	assert_false(next(&l, &line));
	done(&l, fd);
	free(text);
}

static void
a_full_ring_has_no_room_until_lines_are_released(void **state)
{
	char *text = malloc(4 * RING + 1);
	struct eg_lines l;
	struct eg_line line, kept = { .text = NULL };
	size_t held = 0;
	int fd;

	(void)state;
	for (int i = 0; i < 4 * RING; i += 32)
		snprintf(text + i, 33, "%031d\n", i);
	fd = open_on(&l, text, 4 * RING - 1);
	while (eg_lines_room(&l))
		assert_int_equal(eg_lines_fill(&l, &e), 0);
	while (eg_lines_next(&l, &line))
		if (++held == 100)
			kept = line;
	assert_true(held * 32 >= RING - 5 * EG_LINE_MAX && held * 32 <= RING);
	eg_lines_release(&l, kept.text);
	assert_memory_equal(kept.text, text + 99 * 32, 31);
	assert_int_equal(l.tail - l.head, (uint64_t)(l.tail - 99 * 32));
	eg_lines_release(&l, NULL);
	assert_true(eg_lines_room(&l));
	done(&l, fd);
	free(text);
}

/* Lines of random lengths, read and released at random, come out as they went in. */
static void
nothing_is_lost_around_the_ring(void **state)
{
	enum { LINES = 20000 };
	char *text = malloc((size_t)LINES * 1200);
	size_t len = 0, at = 0;
	struct eg_lines l;
	struct eg_line line;
	int fd;

	(void)state;
	srand(3);
	for (int i = 0; i < LINES; i++) {
		size_t n = (size_t)rand() % (rand() % 50 == 0 ? 1024 : 60);

		memset(text + len, 'a' + i % 26, n);
		text[len + n] = '\n';
		len += n + 1;
	}
	fd = open_on(&l, text, len);
	for (uint64_t n = 1; next(&l, &line); n++) {
		assert_int_equal(line.lineno, n);
		assert_int_equal(line.fault, EG_FAULT_NONE);
		assert_memory_equal(line.text, text + at, line.len + 1);
		at += line.len + 1;
		if (rand() % 10 == 0)
			eg_lines_release(&l, line.text);
		else if (rand() % 10 == 0)
			eg_lines_release(&l, NULL);
		if (!eg_lines_room(&l))
			eg_lines_release(&l, line.text);
	}
	assert_int_equal(at, len);
	done(&l, fd);
	free(text);
}

static void
an_error_of_read_is_told(void **state)
{
	struct eg_lines l;

	(void)state;
	memset(&e, 0, sizeof(e));
	assert_int_equal(eg_lines_open(&l, -1, RING, &e), 0);
	assert_int_equal(eg_lines_fill(&l, &e), -1);
	assert_int_equal(e.status, EG_LOCAL_IO);
	assert_string_equal(e.text, "cannot read standard input: Bad file descriptor");
	eg_lines_close(&l);
}

static void
a_dry_pipe_that_does_not_block_is_no_error(void **state)
{
	struct eg_lines l;
	int p[2];

	(void)state;
	memset(&e, 0, sizeof(e));
	assert_int_equal(pipe2(p, O_NONBLOCK | O_CLOEXEC), 0);
	assert_int_equal(eg_lines_open(&l, p[0], RING, &e), 0);
	assert_int_equal(eg_lines_fill(&l, &e), 0);
	assert_false(l.eof);
	close(p[1]);
	assert_int_equal(eg_lines_fill(&l, &e), 0);
	assert_true(l.eof);
	done(&l, p[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_in_order_with_their_numbers),
		cmocka_unit_test(a_line_without_an_end_is_told_only_at_the_end),
		cmocka_unit_test(empty_input_has_no_lines),
		cmocka_unit_test(the_longest_line_passes_and_one_byte_more_does_not),
		cmocka_unit_test(a_line_longer_than_the_ring_is_passed_over),
		cmocka_unit_test(a_full_ring_has_no_room_until_lines_are_released),
		cmocka_unit_test(nothing_is_lost_around_the_ring),
		cmocka_unit_test(an_error_of_read_is_told),
		cmocka_unit_test(a_dry_pipe_that_does_not_block_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
