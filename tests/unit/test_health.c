/* SPDX-License-Identifier: MIT */
/* Health by counters: when a program is healthy, and what of its stream is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/metrics.h"
#include "health/health.h"

enum { LIMIT = 10000 };

/* Counters as a program writes them. */
static size_t
counters(char *out, size_t size, unsigned in, unsigned settled, unsigned away)
{
	return (size_t)snprintf(out, size, EG_METRICS_BEGIN "Records read.\n"
	    "energyguard_records_in_total{program=\"eg-x\"} %u\n"
	    "energyguard_records_out_total{program=\"eg-x\"} %u\n"
	    "energyguard_records_refused_total{program=\"eg-x\"} 0\n"
	    "energyguard_records_pending{program=\"eg-x\"} %u\n"
	    "energyguard_peer_away_seconds{program=\"eg-x\"} %u\n" EG_METRICS_END,
	    in, settled, in - settled, away);
}

static void
feed(struct eg_health *h, unsigned in, unsigned settled, unsigned away, int64_t now)
{
	char text[1024];

	assert_true(eg_health_feed(h, text, counters(text, sizeof(text), in, settled, away), now));
}

static void
assert_fault(const struct eg_health *h, int64_t now, const char *wanted)
{
	char out[128];
	const char *why = eg_health_fault(h, now, out, sizeof(out));

	if (wanted == NULL)
		assert_null(why);
	else
		assert_string_equal(why, wanted);
}

static void
records_that_wait_too_long_are_a_fault(void **state)
{
	struct eg_health h = { .limit_ms = LIMIT };

	(void)state;
	assert_fault(&h, 1, "no counters have come yet");
	assert_false(eg_health_alive(&h, 1));
	feed(&h, 5, 0, 0, 1000);
	assert_string_equal(h.program, "eg-x");
	assert_fault(&h, 1000, NULL);
	feed(&h, 5, 0, 0, 10999);
	assert_fault(&h, 10999, NULL);
	assert_fault(&h, 11000, "5 records wait, and no receipt has come for 10 s");
	assert_true(eg_health_alive(&h, 11000));
	feed(&h, 5, 1, 0, 12000); /* one receipt is enough */
	assert_fault(&h, 12000, NULL);
	feed(&h, 5, 5, 0, 13000);
	feed(&h, 5, 5, 0, 60000); /* nothing to do */
	assert_fault(&h, 60000, NULL);
	feed(&h, 6, 5, 0, 61000); /* has waited for a second, not since 12000 */
	assert_fault(&h, 61000, NULL);
	eg_health_free(&h);
}

static void
a_peer_that_is_away_and_silence_are_faults(void **state)
{
	struct eg_health h = { .limit_ms = LIMIT };

	(void)state;
	feed(&h, 0, 0, 9, 1000);
	assert_fault(&h, 1000, NULL);
	feed(&h, 0, 0, 10, 2000);
	assert_fault(&h, 2000, "the peer is unavailable for 10 s");
	assert_fault(&h, 12000, "no counters for 10 s: the program hangs");
	assert_false(eg_health_alive(&h, 12000));
	eg_health_free(&h);
}

static void
counters_may_come_in_pieces_and_torn(void **state)
{
	struct eg_health h = { .limit_ms = LIMIT };
	char text[4096];
	size_t first = counters(text, sizeof(text), 9, 9, 0);
	size_t n = first;

	(void)state;
	assert_false(eg_health_feed(&h, "rubbish\n" EG_METRICS_END, 8 + 6, 1000));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(eg_health_feed(&h, &text[i], 1, 1000), i == n - 1);
	assert_int_equal(h.settled, 9);
	/* The first counters end within a line. */
	n = first / 2;
	n += counters(text + n, sizeof(text) - n, 7, 6, 0);
	assert_true(eg_health_feed(&h, text, n, 2000));
	assert_int_equal(h.pending, 1);
	assert_int_equal(h.settled, 6);
	eg_health_free(&h);
}

static void
too_much_without_an_end_is_discarded(void **state)
{
	enum { MUCH = 1000 * 1000 };
	struct eg_health h = { .limit_ms = LIMIT };
	char *much = malloc(MUCH);

	(void)state;
	assert_non_null(much);
	memset(much, 'x', MUCH);
	for (int i = 0; i < 5; i++)
		assert_false(eg_health_feed(&h, much, MUCH, 1000));
	assert_true(h.next_len <= 1024 * 1024);
	feed(&h, 1, 1, 0, 2000);
	free(much);
	eg_health_free(&h);
}

static void
what_follows_is_printed(void **state)
{
	struct eg_health h = { .limit_ms = LIMIT };
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_non_null(f);
	feed(&h, 2, 1, 0, 1000);
	feed(&h, 2, 1, 0, 4000);
	eg_health_print(&h, 4500, f);
	assert_int_equal(fclose(f), 0);
	assert_non_null(strstr(text, "\nenergyguard_records_in_total{program=\"eg-x\"} 2\n"));
	assert_non_null(strstr(text, "\nenergyguard_healthy{program=\"eg-x\"} 1\n"));
	assert_non_null(strstr(text, "\nenergyguard_last_receipt_age_seconds{program=\"eg-x\"} 3\n"));
	assert_non_null(strstr(text, "\nenergyguard_waiting_seconds{program=\"eg-x\"} 3\n"));
	free(text);
	eg_health_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_that_wait_too_long_are_a_fault),
		cmocka_unit_test(a_peer_that_is_away_and_silence_are_faults),
		cmocka_unit_test(counters_may_come_in_pieces_and_torn),
		cmocka_unit_test(too_much_without_an_end_is_discarded),
		cmocka_unit_test(what_follows_is_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
