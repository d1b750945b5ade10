/* SPDX-License-Identifier: MIT */
/* Tables of tariffs: bands of days and hours, holidays, terms that change, and bad lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "tariff/table.h"

static const char italy[] = "zone Europe/Rome\n"
	"price F1 0.30\nprice F2 0.25\nprice F3 0.20\n"
	"holiday 1-1 2024-04-25 12-25 easter+1   # and others\n"
	"F1 mon-fri 8-19\nF2 mon-fri 7-8,19-23 sat 7-23\nF3 *\n";

static struct eg_table *
parse(const char *text)
{
	struct eg_error e = { 0 };
	struct eg_table *t = eg_table_parse("t.conf", text, strlen(text), &e);

	assert_string_equal(e.text, "");
	assert_non_null(t);
	return t;
}

/* The band of a local day and time, "" for none. */
static const char *
band(const struct eg_table *t, int year, int month, int day, int hour, int minute)
{
	int64_t d = eg_day_number(year, month, day);
	uint8_t b = eg_table_terms(t, d)->band[eg_table_day(t, d)][hour * 60 + minute];

	return b == EG_BAND_NONE ? "" : t->band[b];
}

static void
days_and_hours_have_bands(void **state)
{
	struct eg_table *t = parse(italy);

	(void)state;
	assert_string_equal(t->zone, "Europe/Rome");
	assert_int_equal(t->bands, 3);
	assert_string_equal(band(t, 2024, 4, 22, 7, 59), "F2");
	assert_string_equal(band(t, 2024, 4, 22, 8, 0), "F1");
	assert_string_equal(band(t, 2024, 4, 22, 18, 59), "F1");
	assert_string_equal(band(t, 2024, 4, 22, 19, 0), "F2");
	assert_string_equal(band(t, 2024, 4, 22, 23, 0), "F3");
	assert_string_equal(band(t, 2024, 4, 20, 12, 0), "F2");
	assert_string_equal(band(t, 2024, 4, 21, 12, 0), "F3");
	eg_table_free(t);
}

static void
holidays_are_no_weekdays(void **state)
{
	struct eg_table *t = parse(italy);

	(void)state;
	assert_string_equal(band(t, 2024, 4, 1, 12, 0), "F3");  /* Easter Monday */
	assert_string_equal(band(t, 2025, 4, 21, 12, 0), "F3");
	assert_string_equal(band(t, 2024, 4, 25, 12, 0), "F3"); /* that year alone */
	assert_string_equal(band(t, 2025, 4, 25, 12, 0), "F1");
	assert_string_equal(band(t, 2026, 12, 25, 12, 0), "F3");
	eg_table_free(t);
	t = parse("holiday easter-2 easter easter+39\nlow sun,holiday\nhigh mon-sat\n");
	assert_string_equal(band(t, 2024, 3, 29, 12, 0), "low"); /* Good Friday */
	assert_string_equal(band(t, 2024, 3, 31, 12, 0), "low");
	assert_string_equal(band(t, 2024, 5, 9, 12, 0), "low");  /* Ascension */
	assert_string_equal(band(t, 2024, 5, 10, 12, 0), "high");
	eg_table_free(t);
}

static void
the_first_rule_wins(void **state)
{
	struct eg_table *t = parse("a mon 8-10\nb mon 9-12\nc mon,tue\n");

	(void)state;
	assert_string_equal(band(t, 2024, 4, 22, 9, 30), "a");
	assert_string_equal(band(t, 2024, 4, 22, 10, 0), "b");
	assert_string_equal(band(t, 2024, 4, 22, 12, 0), "c");
	assert_string_equal(band(t, 2024, 4, 23, 9, 30), "c");
	assert_string_equal(band(t, 2024, 4, 24, 9, 30), "");
	eg_table_free(t);
}

static void
hours_may_go_over_midnight_and_days_over_sunday(void **state)
{
	struct eg_table *t = parse("low mon-fri 23-7 sat-sun\nnormal *\n");

	(void)state;
	assert_string_equal(band(t, 2024, 4, 22, 6, 59), "low");
	assert_string_equal(band(t, 2024, 4, 22, 7, 0), "normal");
	assert_string_equal(band(t, 2024, 4, 22, 23, 0), "low");
	assert_string_equal(band(t, 2024, 4, 27, 12, 0), "low");
	eg_table_free(t);
	t = parse("x fri-mon 7:30-8:15,22:45-24\nrest *\n");
	assert_string_equal(band(t, 2024, 4, 21, 7, 30), "x");
	assert_string_equal(band(t, 2024, 4, 22, 8, 14), "x");
	assert_string_equal(band(t, 2024, 4, 22, 8, 15), "rest");
	assert_string_equal(band(t, 2024, 4, 26, 23, 59), "x");
	assert_string_equal(band(t, 2024, 4, 23, 7, 30), "rest");
	eg_table_free(t);
}

static void
terms_change_from_a_day_on(void **state)
{
	struct eg_table *t = parse("price a 0.30\nprice b 0.20\nvat 10\nfee day 0.35\na mon-fri\nb *\n"
		"from 2025-01-01\nprice a 0.40\nvat 22\n"
		"from 2025-07-01\nfee day 0\nfee month 12.50\nb *\na mon\n");
	const struct eg_terms *old = eg_table_terms(t, eg_day_number(2024, 12, 31));
	const struct eg_terms *mid = eg_table_terms(t, eg_day_number(2025, 1, 1));
	const struct eg_terms *new = eg_table_terms(t, eg_day_number(2025, 7, 1));

	(void)state;
	assert_int_equal(old->price[0].amount.lo, 300000000);
	assert_int_equal(mid->price[0].amount.lo, 400000000);
	assert_int_equal(mid->price[1].amount.lo, 200000000);
	assert_int_equal(old->vat, 11000);
	assert_int_equal(new->vat, 12200);
	assert_int_equal(mid->fee[EG_FEE_DAY].lo, 350000000);
	assert_int_equal(new->fee[EG_FEE_DAY].lo, 0);
	assert_int_equal(new->fee[EG_FEE_MONTH].lo, 12500000000);
	assert_string_equal(band(t, 2025, 1, 6, 12, 0), "a");
	assert_string_equal(band(t, 2025, 7, 7, 12, 0), "b");
	eg_table_free(t);
	t = parse("from 2025-01-01\nprice all 0.3\n");
	assert_null(eg_table_terms(t, eg_day_number(2024, 12, 31)));
	assert_int_equal(eg_table_terms(t, eg_day_number(2026, 1, 1))->price[0].amount.lo, 300000000);
	eg_table_free(t);
}

static void
prices_may_be_dynamic(void **state)
{
	struct eg_table *t = parse("price all dynamic * 1.21 + 0.025\nround month 0.01\n");
	const struct eg_price *p = &eg_table_terms(t, 0)->price[0];

	(void)state;
	assert_true(t->dynamic && p->dynamic && p->given);
	assert_int_equal(p->factor, 1210);
	assert_int_equal(p->amount.lo, 25000000);
	assert_string_equal(t->round, "1mo");
	assert_int_equal(t->step.lo, 10000000);
	eg_table_free(t);
	t = parse("price all dynamic - 0.05\n");
	assert_int_equal((int64_t)eg_table_terms(t, 0)->price[0].amount.lo, -50000000);
	assert_int_equal(eg_table_terms(t, 0)->price[0].factor, 1000);
	eg_table_free(t);
}

/* Line 2 of the table is refused; a table of the line alone is, too. */
static void
bad_lines_are_refused_with_their_numbers(void **state)
{
	static const char *const bad[] = { "zone", "zone A B", "price", "price F1", "price F1 x", "price F1 1e2",
		"price F1 0.1234567891", "price F1 1000000001", "price F1 0.3 0.4", "price 9 0.3", "price F-\xc3\xa8 1",
		"price F1 dynamic 2", "price F1 dynamic *", "price F1 dynamic * 1.2345", "price F1 dynamic + ",
		"price F1 dynamic * 2 / 3", "from", "from 2025-13-01", "from 2025-02-29", "from yesterday",
		"from 2025-01-01 x", "holiday", "holiday 13-1", "holiday 2-30", "holiday easter*1", "holiday easter+999",
		"holiday 2025-02-29", "fee", "fee day", "fee week 1", "fee day 1 2", "vat", "vat -1", "vat 22.123",
		"vat 1001", "round", "round month", "round month 0", "round moon 1", "round day 0.01 x", "F1",
		"F1 8-19", "F1 monday", "F1 mon-", "F1 mon 8", "F1 mon 8-8", "F1 mon 8-25", "F1 mon 8:60-9",
		"F1 mon 8-9,", "F1 mon,", "F1 holiday-sun", "F1 mon 24:01-2", "pirce F1 0.30",
		"averyveryverylongnameofabandthatistoolong *", "*", "8-19" };
	char text[200], want[32] = "t.conf:2: ";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct eg_error e = { 0 };

		(void)snprintf(text, sizeof(text), "# a table\n%s\n", bad[i]);
		assert_null(eg_table_parse("t.conf", text, strlen(text), &e));
		assert_int_equal(e.status, EG_CONFIG);
		if (strncmp(e.text, want, strlen(want)) != 0)
			fail_msg("%s: %s", bad[i], e.text);
	}
}

static void
refused(const char *text, const char *why)
{
	struct eg_error e = { 0 };

	assert_null(eg_table_parse("t", text, strlen(text), &e));
	assert_int_equal(e.status, EG_CONFIG);
	assert_string_equal(e.text, why);
}

static void
tables_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	refused("", "'t' holds no price and no band");
	refused("zone Europe/Rome\nholiday 1-1\n", "'t' holds no price and no band");
	refused("price a 1\nprice b 2\n", "'t' has prices of 2 bands and no rules, as F1 mon-fri 8-19");
	refused("price a 1\nprice c 2\na *\n", "t:2: no rule names the band c");
	refused("zone UTC\nzone UTC\n", "t:2: a second zone");
	refused("price A 1\nprice B 1\nprice A 2\n", "t:3: a second price of A: begin new prices with a line 'from DATE'");
	refused("price A 1\nprice A dynamic\n", "t:2: a second price of A: begin new prices with a line 'from DATE'");
	refused("price A 100000000000000000000\n",
	    "t:1: price '100000000000000000000': want an amount of 1000000000 at most");
	refused("price A 1e20\n",
	    "t:1: price '1e20': want a number without an exponent, and at most 9 digits behind the point");
	refused("fee day 1\nfee month 1\nfee day 1\n", "t:3: a second fee of a day: begin new fees with a line 'from DATE'");
	refused("vat 20\nfrom 2025-01-01\nvat 21\nvat 22\n", "t:4: a second vat: begin a new one with a line 'from DATE'");
	refused("from 2025-01-01\nfrom 2025-01-01\n", "t:2: from 2025-01-01: it is not later than the one before");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_and_hours_have_bands),
		cmocka_unit_test(holidays_are_no_weekdays),
		cmocka_unit_test(the_first_rule_wins),
		cmocka_unit_test(hours_may_go_over_midnight_and_days_over_sunday),
		cmocka_unit_test(terms_change_from_a_day_on),
		cmocka_unit_test(prices_may_be_dynamic),
		cmocka_unit_test(bad_lines_are_refused_with_their_numbers),
		cmocka_unit_test(tables_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
