/* SPDX-License-Identifier: MIT */
/* Counters as a line and as a file, when they are due and when they are asked for. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/stop.h"
#include "said.h"

static char folder[] = "/tmp/eg-metrics.XXXXXX";
static char path[64];

static int
begin(void **state)
{
	struct eg_error e = { 0 };

	(void)state;
	eg_diag_init("test");
	if (mkdtemp(folder) == NULL || eg_stop_install(&e) != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/metrics", folder);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static const char *
content(void)
{
	static char text[4096];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

static bool
holds(const char *name, uint64_t value)
{
	char line[128];

	snprintf(line, sizeof(line), "\nenergyguard_%s{program=\"test\"} %llu\n", name,
	    (unsigned long long)value);
	return strstr(content(), line) != NULL;
}

static void
the_file_is_there_at_once_and_new_when_due(void **state)
{
	uint64_t reconnects = 3, window = 7;
	const struct eg_metric extra[] = { { "reconnects", "Times connected anew.", &reconnects, false },
		{ "window", "Messages on their way.", &window, true }, { NULL, NULL, NULL, false } };
	struct eg_common c = { .metrics = path };
	struct eg_metrics m = { .extra = extra };
	struct eg_error e = { 0 };
	int64_t due;

	(void)state;
	assert_int_equal(eg_metrics_open(&m, &c, &e), 0);
	assert_true(holds("records_in_total", 0));
	assert_true(holds("reconnects_total", 3));
	assert_non_null(strstr(content(), "# HELP energyguard_reconnects_total Times connected anew.\n"
					  "# TYPE energyguard_reconnects_total counter\n"));
	m.in = 10;
	m.out = 6;
	m.refused = 1;
	window = 8;
	due = m.next;
	eg_metrics_tick(&m, due - 1);
	assert_true(holds("records_in_total", 0));
	eg_metrics_tick(&m, due);
	assert_in_range(m.next, due + 1, due + 1000);
	assert_true(holds("records_in_total", 10));
	assert_true(holds("records_out_total", 6));
	assert_true(holds("records_refused_total", 1));
	assert_true(holds("records_pending", 3));
	assert_true(holds("window", 8));
	assert_non_null(strstr(content(), "# TYPE energyguard_window gauge\n"));
	m.out = 9;
	eg_metrics_close(&m, 0);
	assert_true(holds("records_out_total", 9));
	assert_true(holds("records_pending", 0));
}

static void
without_file_or_progress_nothing_is_ever_due(void **state)
{
	struct eg_common c = { 0 };
	struct eg_metrics m = { 0 };
	struct eg_error e = { 0 };

	(void)state;
	assert_int_equal(eg_metrics_open(&m, &c, &e), 0);
	assert_true(m.next == INT64_MAX);
}

static void
a_wrong_path_is_seen_when_it_is_opened(void **state)
{
	struct eg_common c = { .metrics = "/no/such/folder/metrics" };
	struct eg_metrics m = { 0 };
	struct eg_error e = { 0 };

	(void)state;
	assert_int_equal(eg_metrics_open(&m, &c, &e), -1);
	assert_int_equal(e.status, EG_LOCAL_IO);
	assert_non_null(strstr(e.text, "'/no/such/folder/metrics': No such file or directory"));
}

static void
a_file_that_cannot_be_written_any_more_is_told_once(void **state)
{
	char gone[96];
	struct eg_common c = { .metrics = gone };
	struct eg_metrics m = { 0 };
	struct eg_error e = { 0 };
	const char *said, *again;
	int64_t due;

	(void)state;
	snprintf(gone, sizeof(gone), "%s/sub", folder);
	assert_int_equal(mkdir(gone, 0700), 0);
	snprintf(gone, sizeof(gone), "%s/sub/metrics", folder);
	assert_int_equal(eg_metrics_open(&m, &c, &e), 0);
	unlink(gone);
	*strrchr(gone, '/') = '\0';
	rmdir(gone);
	gone[strlen(gone)] = '/';
	said_begin();
	due = m.next;
	eg_metrics_tick(&m, due);
	eg_metrics_tick(&m, due + 5000);
	said = said_end();
	assert_non_null(strstr(said, "test: warning: cannot write '"));
	again = strchr(said, '\n');
	assert_string_equal(again, "\n");
}

static void
usr1_prints_the_line_with_what_is_not_zero(void **state)
{
	uint64_t retries = 2, none = 0;
	const struct eg_metric extra[] = { { "none", "", &none, false },
		{ "retries", "", &retries, false }, { NULL, NULL, NULL, false } };
	struct eg_common c = { 0 };
	struct eg_metrics m = { .extra = extra, .in = 5, .out = 3, .refused = 1 };
	struct eg_error e = { 0 };
	const char *said;

	(void)state;
	assert_int_equal(eg_metrics_open(&m, &c, &e), 0);
	raise(SIGUSR1);
	said_begin();
	eg_metrics_tick(&m, 0);
	eg_metrics_tick(&m, 1);
	said = said_end();
	assert_string_equal(said, "test: in 5 = out 3 + refused 1 + pending 1, retries 2\n");
}

static void
the_end_prints_the_line_when_verbose(void **state)
{
	struct eg_common c = { 0 };
	struct eg_metrics m = { .in = 1, .out = 1 };
	struct eg_error e = { 0 };
	const char *said;

	(void)state;
	assert_int_equal(eg_metrics_open(&m, &c, &e), 0);
	said_begin();
	eg_metrics_close(&m, 0);
	eg_metrics_close(&m, 1);
	said = said_end();
	assert_string_equal(said, "test: in 1 = out 1 + refused 0 + pending 0\n");
}

/* After an error the last receipts come when no round of the loop follows. */
static void
the_end_counts_the_last_receipts(void **state)
{
	struct eg_common c = { .metrics = path };
	struct eg_flow flow;
	struct eg_metrics m = { .flow = &flow, .in = 3 };
	struct eg_error e = { 0 };

	(void)state;
	eg_flow_init(&flow);
	assert_int_equal(eg_metrics_open(&m, &c, &e), 0);
	eg_metrics_tick(&m, 0);
	m.out = 2;
	eg_metrics_close(&m, 0);
	assert_true(holds("receipt_seconds_count", 2));
}

static void
progress_tells_the_rate_since_it_told_last(void **state)
{
	struct eg_common c = { .progress = true };
	struct eg_metrics m = { 0 };
	struct eg_error e = { 0 };
	const char *said;
	int64_t start;

	(void)state;
	assert_int_equal(eg_metrics_open(&m, &c, &e), 0);
	start = m.last_ms;
	said_begin();
	m.in = m.out = 4000;
	eg_metrics_tick(&m, start + 2000);
	m.in = 5000;
	m.out = 4500;
	eg_metrics_tick(&m, start + 4000);
	said = said_end();
	assert_string_equal(said, "test: in 4000, out 4000, refused 0, pending 0, 2000/s\n"
				  "test: in 5000, out 4500, refused 0, pending 500, 250/s\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_there_at_once_and_new_when_due),
		cmocka_unit_test(without_file_or_progress_nothing_is_ever_due),
		cmocka_unit_test(a_wrong_path_is_seen_when_it_is_opened),
		cmocka_unit_test(a_file_that_cannot_be_written_any_more_is_told_once),
		cmocka_unit_test(usr1_prints_the_line_with_what_is_not_zero),
		cmocka_unit_test(the_end_prints_the_line_when_verbose),
		cmocka_unit_test(the_end_counts_the_last_receipts),
		cmocka_unit_test(progress_tells_the_rate_since_it_told_last),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
