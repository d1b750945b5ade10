/* SPDX-License-Identifier: MIT */
/* Cells of readings: the same whatever the order; their widths nest; units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/diag.h"
#include "plot/cells.h"
#include "plot/collect.h"
#include "plot/units.h"
#include "plot/widths.h"

static void
readings_of_a_key_are_put_together(void **state)
{
	struct eg_cells c = { 0 };

	(void)state;
	assert_true(eg_cells_add(&c, 7, 20, 3));
	assert_true(eg_cells_add(&c, -7, 1, 9));
	assert_true(eg_cells_add(&c, 7, 10, -1));
	eg_cells_sort(&c);
	assert_int_equal(c.used, 2);
	assert_int_equal(c.cell[0].key, -7);
	assert_int_equal(c.cell[1].key, 7);
	assert_int_equal(c.cell[1].n, 2);
	assert_true(c.cell[1].sum == 2 && c.cell[1].least == -1 && c.cell[1].most == 3);
	assert_true(c.cell[1].first == 10 && c.cell[1].last == 20);
	eg_cells_free(&c);
}

static void
many_keys_are_all_kept_in_order(void **state)
{
	struct eg_cells c = { 0 };

	(void)state;
	for (int64_t i = 0; i < 10000; i++)
		assert_true(eg_cells_add(&c, i * 7919 % 10007 - 5000, i, 1));
	eg_cells_sort(&c);
	assert_int_equal(c.used, 10000);
	for (size_t i = 1; i < c.used; i++)
		assert_true(c.cell[i - 1].key < c.cell[i].key);
	eg_cells_free(&c);
}

/* Adds hourly readings from 2026-01-01 on in an order that step makes. */
static void
collect(struct eg_collection *c, const struct eg_plot_options *o, size_t step)
{
	struct eg_error e = { 0 };

	assert_int_equal(eg_collection_open(c, o, &e), 0);
	for (size_t k = 0; k < 9973; k++) {
		size_t i = k * step % 9973;
		char line[64], time[EG_TIME_SIZE];
		struct eg_record r;
		int rc = 0, n;

		eg_time_format((INT64_C(1767225600) + (int64_t)i * 3600) * EG_NS_PER_S, time);
		n = snprintf(line, sizeof(line), "s%zu:%s:%zu", i % 3, time, i % 100);
		assert_int_equal(eg_record_parse(line, (size_t)n, &r), EG_FAULT_NONE);
		assert_null(eg_collect(c, &r, &rc, &e));
		assert_int_equal(rc, 0);
	}
}

static void
the_order_of_records_changes_no_cell(void **state)
{
	static const enum eg_plot_kind kinds[] = { EG_PLOT_LINES, EG_PLOT_BARS, EG_PLOT_HEAT,
	    EG_PLOT_WEEK };

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		struct eg_plot_options o = { .kind = kinds[k], .zone = "Europe/Rome", .width = 300,
			.output = "x.png" };
		struct eg_collection a, b;

		collect(&a, &o, 1);
		collect(&b, &o, 5077);
		for (size_t i = 0; i < 3; i++) {
			bool is_new;
			struct eg_cells *x = &a.list.at[i].cells,
			                *y = &eg_series_get(&b.list, a.list.at[i].name, 2, &is_new)->cells;

			eg_cells_sort(x);
			eg_cells_sort(y);
			assert_int_equal(x->used, y->used);
			assert_memory_equal(x->cell, y->cell, x->used * sizeof(*x->cell));
		}
		eg_collection_free(&a);
		eg_collection_free(&b);
	}
}

static void
readings_that_come_again_are_known(void **state)
{
	struct eg_seen s = { 0 };
	double value;

	(void)state;
	for (int64_t i = 0; i < EG_SEEN_MAX - 1; i++) {
		value = (double)i;
		assert_false(eg_seen_swap(&s, (uint32_t)(i % 7), i, &value));
	}
	value = -1;
	assert_true(eg_seen_swap(&s, 100 % 7, 100, &value));
	assert_true(value == 100);
	assert_true(eg_seen_swap(&s, 100 % 7, 100, &value));
	assert_true(value == -1);
	assert_false(eg_seen_swap(&s, 100 % 7 + 1, 100, &value));
	/* That was the last that is kept. */
	assert_false(eg_seen_swap(&s, 100 % 7, 100, &value));
	assert_false(eg_seen_swap(&s, 0, 100, &value));
	eg_seen_free(&s);
}

static void
widths_nest_and_end_with_weeks(void **state)
{
	struct eg_error e = { 0 };
	struct eg_widths *w = eg_widths_open("Europe/Rome", 100, &e);
	/* 2026-03-29T12:34:56.789012345Z, a Sunday on which the clocks change */
	const int64_t ns = INT64_C(1774787696789012345);
	int64_t before = ns;
	int rc = 0;

	(void)state;
	assert_non_null(w);
	do {
		int64_t key = eg_widths_key(w, ns);

		/* A cell lies within the wider one. */
		assert_true(key <= before && eg_widths_key(w, before) == key &&
		    eg_widths_key(w, key) == key);
		before = key;
	} while (eg_widths_next(w, &rc, &e));
	assert_int_equal(rc, 0);
	assert_string_equal(eg_widths_name(w), "week");
	assert_int_equal(before, INT64_C(1774220400) * EG_NS_PER_S); /* 2026-03-23T00:00:00+01:00 */
	assert_false(eg_widths_many(w, INT64_MIN, INT64_MAX));
	eg_widths_free(w);
}

static void
units_say_what_adds_up(void **state)
{
	char unit[EG_UNIT_SIZE], number[EG_NUMBER_SIZE];

	(void)state;
	assert_int_equal(eg_unit_sort("kWh"), EG_UNIT_AMOUNT);
	assert_int_equal(eg_unit_sort("W"), EG_UNIT_POWER);
	assert_int_equal(eg_unit_sort("°C"), EG_UNIT_LEVEL);
	assert_string_equal(eg_unit_of_name("dsmr/import_t1_kwh", 18), "kWh");
	assert_null(eg_unit_of_name("house1", 6));
	assert_null(eg_unit_of_name("_kwh", 4));
	assert_true(eg_unit_scale("Wh", 20000, unit) == 1e-3);
	assert_string_equal(unit, "kWh");
	assert_true(eg_unit_scale("kW", 20000, unit) == 1e-3);
	assert_string_equal(unit, "MW");
	assert_true(eg_unit_scale("EUR", 1e9, unit) == 1);
	assert_string_equal(unit, "EUR");
	assert_string_equal(eg_unit_number(0.1 + 0.2, number), "0.3");
	assert_string_equal(eg_unit_number(-0.00001, number), "-1e-05");
	assert_string_equal(eg_unit_number(12345.6, number), "12346");
	assert_string_equal(eg_unit_number(416.71, number), "416.7");
	assert_string_equal(eg_unit_number(0, number), "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readings_of_a_key_are_put_together),
		cmocka_unit_test(many_keys_are_all_kept_in_order),
		cmocka_unit_test(the_order_of_records_changes_no_cell),
		cmocka_unit_test(readings_that_come_again_are_known),
		cmocka_unit_test(widths_nest_and_end_with_weeks),
		cmocka_unit_test(units_say_what_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
