/* SPDX-License-Identifier: MIT */
/* What energy costs: the same whatever was asked before, exact, and rounded as bills are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/fixed.h"
#include "tariff/cost.h"

static const char text[] = "price a 0.30\nprice b 0.20\nholiday easter easter+1 12-25\n"
	"a mon-fri 8-19\nb sat 7-23\nb mon-fri 7-8,19-23\nfrom 2024-10-01\nprice a 0.31\nc holiday\na mon-sun 6:30-20\nb *\n";

static struct eg_table *
parse(const char *s)
{
	struct eg_error e = { 0 };
	struct eg_table *t = eg_table_parse("t", s, strlen(s), &e);

	assert_string_equal(e.text, "");
	return t;
}

/* Asks one search for slots in no order, and for each of them a new one. */
static void
same_answers(const char *zone, const char *every)
{
	struct eg_table *t = parse(text);
	struct eg_slots_options o = { .every = every, .zone = zone };
	struct eg_error e = { 0 };
	struct eg_slots *slots = eg_slots_open(&o, &e);
	struct eg_cost c = EG_COST_INIT(t, eg_slots_zone(slots));
	uint64_t seed = 1;

	for (int i = 0; i < 20000; i++) {
		struct eg_cost fresh = EG_COST_INIT(t, eg_slots_zone(slots));
		const struct eg_terms *terms = NULL, *other = NULL;
		int band = -1, another = -1;
		int64_t at;
		struct eg_span span;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		/* Some days of 2024, among them both changes of clocks. */
		at = INT64_C(1704067200) + (int64_t)((seed >> 33) % 9) * 41 * 86400 +
		    (int64_t)((seed >> 20) % 172800);
		span = eg_slots_at(slots, at * EG_NS_PER_S);
		assert_ptr_equal(eg_cost_band(&c, span, &terms, &band),
		    eg_cost_band(&fresh, span, &other, &another));
		assert_ptr_equal(terms, other);
		assert_int_equal(band, another);
	}
	eg_slots_free(slots);
	eg_table_free(t);
}

static void
answers_do_not_depend_on_what_was_asked_before(void **state)
{
	(void)state;
	same_answers("Europe/Rome", "15m");
	same_answers("Europe/Rome", "1h");
	same_answers("Europe/Rome", "12h");
	same_answers("Africa/Cairo", "6h");
	same_answers("Australia/Lord_Howe", "1h");
	same_answers("UTC", "90s");
}

static struct eg_wide
amount(const char *s)
{
	struct eg_wide w = { 0 }, unit;

	assert_int_equal(eg_fixed_parse(s, strlen(s), &w), EG_NUMBER_OK);
	unit = eg_wide_divide(eg_cost_unit(), eg_wide_of(EG_FIXED_ONE), &unit);
	assert_true(eg_wide_multiply(w, unit, &w));
	return w;
}

static void
rounds(const char *step, const char *from, const char *to)
{
	char table[64] = "price all 1\nround month ", out[EG_FIXED_SIZE];
	struct eg_table *t;

	strncat(table, step, sizeof(table) - strlen(table) - 1);
	t = parse(table);
	eg_fixed_put(eg_cost_round(t, amount(from)), eg_cost_unit(), 9, false, out);
	assert_string_equal(out, to);
	eg_table_free(t);
}

static void
halves_go_away_from_zero(void **state)
{
	(void)state;
	rounds("0.01", "1.005", "1.01");
	rounds("0.01", "1.004999999", "1");
	rounds("0.01", "-1.005", "-1.01");
	rounds("0.01", "-1.004999999", "-1");
	rounds("0.05", "1.025", "1.05");
	rounds("0.05", "1.02", "1");
	rounds("1", "0.5", "1");
	rounds("1", "0", "0");
	rounds("0.000000001", "0.123456789", "0.123456789");
	rounds("1000", "499.999999999", "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_do_not_depend_on_what_was_asked_before),
		cmocka_unit_test(halves_go_away_from_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
