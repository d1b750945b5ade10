/* SPDX-License-Identifier: MIT */
/* The loop of filters: what it takes, refuses and writes, and what it ends with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/options.h"
#include "record/filter.h"
#include "said.h"

static struct eg_error e;
static char out[4096];

static int
memory(const char *text, size_t len)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, len), (ssize_t)len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Runs w with text on standard input. Leaves in out what it wrote; returns its status. */
static int
run(const struct eg_filter_work *w, const char *text)
{
	int in = memory(text, strlen(text)), to = memory("", 0);
	int in_was = dup(STDIN_FILENO), to_was = dup(STDOUT_FILENO), rc;
	struct eg_common common = { 0 };
	ssize_t n;

	e = (struct eg_error){ 0 };
	dup2(in, STDIN_FILENO);
	dup2(to, STDOUT_FILENO);
	rc = eg_filter_run(w, &common, &e);
	dup2(in_was, STDIN_FILENO);
	dup2(to_was, STDOUT_FILENO);
	n = pread(to, out, sizeof(out) - 1, 0);
	out[n > 0 ? n : 0] = '\0';
	close(in);
	close(to);
	close(in_was);
	close(to_was);
	return rc == 0 ? EG_OK : (int)e.status;
}

static int
double_it(void *ctx, struct eg_filter *f, const struct eg_record *r, struct eg_error *err)
{
	(void)ctx;
	if (r->line[0] == 'x')
		return eg_filter_refuse(f, r, "an x", err);
	if (eg_filter_pass(f, r, err) != 0)
		return -1;
	return eg_filter_put(f, "n", 1, r->ns, "2", 1, err);
}

static int
last_word(void *ctx, struct eg_filter *f, struct eg_error *err)
{
	(void)ctx;
	return eg_filter_put(f, "end", 3, 0, "1.5", 3, err);
}

static int
fail_at_once(void *ctx, struct eg_filter *f, const struct eg_record *r, struct eg_error *err)
{
	(void)ctx;
	(void)f;
	(void)r;
	return eg_fail(err, EG_CONFIG, "no");
}

static void
records_go_through(void **state)
{
	struct eg_filter_work w = { .take = double_it, .end = last_word };

	(void)state;
	assert_int_equal(run(&w, "# a comment\n\na:2026-01-01T00:00:00Z:1\n"), EG_OK);
	assert_string_equal(out, "a:2026-01-01T00:00:00Z:1\nn:2026-01-01T00:00:00:2\nend:1970-01-01T00:00:00:1.5\n");
	w.end = NULL;
	assert_int_equal(run(&w, ""), EG_OK);
	assert_string_equal(out, "");
}

static void
bad_lines_are_refused_with_their_numbers(void **state)
{
	struct eg_filter_work w = { .take = double_it };
	const char *said;
	int status;

	(void)state;
	said_begin();
	status = run(&w, "x:2026-01-01T00:00:00Z:1\nnonsense\na:2026-01-01T00:00:00Z:1\na:2026-01-01T00:00:00Z:1");
	said = said_end();
	assert_int_equal(status, EG_REFUSED);
	assert_string_equal(e.text, "");
	assert_string_equal(out, "a:2026-01-01T00:00:00Z:1\nn:2026-01-01T00:00:00:2\n");
	assert_non_null(strstr(said, "line 1: an x: 'x:2026"));
	assert_non_null(strstr(said, "line 2: a colon is missing"));
	assert_non_null(strstr(said, "line 4: the last line has no newline"));
}

/* Writes a + for each record that it sees ahead into the text ctx. */
static void
count_ahead(void *ctx, const struct eg_record *r, size_t n)
{
	assert_in_range(n, 2, EG_FILTER_AHEAD);
	for (size_t i = 0; i < n; i++)
		assert_true(r[i].line[0] == 'a');
	memset(strchr(ctx, '\0'), '+', n);
}

static int
count_taken(void *ctx, struct eg_filter *f, const struct eg_record *r, struct eg_error *err)
{
	(void)f;
	(void)r;
	(void)err;
	*strchr(ctx, '\0') = '-';
	return 0;
}

/* Lines that are no simple record keep their places. */
static void
records_are_shown_ahead(void **state)
{
	static const char record[] = "a:2026-01-01T00:00:00Z:1\n", odd[] = "a:2026-01-01T00:00:00Z:1e0\n";
	char seen[128] = "", text[1024] = "";
	struct eg_filter_work w = { .ahead = count_ahead, .take = count_taken, .ctx = seen };

	(void)state;
	for (int i = 0; i < 18; i++)
		strcat(text, record);
	strcat(text, "# a comment\n");
	strcat(text, odd);
	strcat(text, record);
	assert_int_equal(run(&w, text), EG_OK);
	assert_string_equal(seen, "++++++++++++++++----------------++----");
}

static void
an_error_ends_it(void **state)
{
	struct eg_filter_work w = { .take = fail_at_once, .end = last_word };

	(void)state;
	assert_int_equal(run(&w, "a:2026-01-01T00:00:00Z:1\n"), EG_CONFIG);
	assert_string_equal(e.text, "no");
	assert_string_equal(out, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_go_through),
		cmocka_unit_test(bad_lines_are_refused_with_their_numbers),
		cmocka_unit_test(records_are_shown_ahead),
		cmocka_unit_test(an_error_ends_it),
	};

	eg_diag_init("test_filter");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
