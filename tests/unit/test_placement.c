/* SPDX-License-Identifier: MIT */
/* Tests of lib/cluster/placement: which nodes hold a sensor, and what moves when one is added. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cluster/cluster.h"
#include "cluster/placement.h"

enum { SENSORS = 1000 };

static char names[EG_NODES_MAX][16];

static struct eg_cluster
cluster_of(size_t nodes, size_t copies, const char *prefix)
{
	struct eg_cluster c = { .strategy = EG_RING, .copies = copies, .n = nodes };

	for (size_t i = 0; i < nodes; i++) {
		snprintf(names[i], sizeof(names[i]), "%s%zu", prefix, i);
		c.node[i].name = names[i];
		c.node[i].seed = eg_place_seed(names[i]);
	}
	return c;
}

static uint64_t
place(const struct eg_cluster *c, int sensor)
{
	char name[32];
	int len = snprintf(name, sizeof(name), "sensor%d", sensor);

	return eg_place(c, name, (size_t)len);
}

static void
every_sensor_has_its_copies(void **state)
{
	(void)state;
	for (size_t copies = 1; copies <= 5; copies++) {
		struct eg_cluster c = cluster_of(5, copies, "node");

		for (int s = 0; s < SENSORS; s++) {
			uint64_t held = place(&c, s);

			assert_int_equal(__builtin_popcountll(held), copies);
			assert_int_equal(held >> 5, 0);
			assert_int_equal(held, place(&c, s));
		}
	}
}

static void
no_node_holds_more_than_a_quarter_above_its_share(void **state)
{
	static const char *const prefixes[] = { "node", "n", "host-", "10.0.0." };

	(void)state;
	for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++)
		for (size_t copies = 1; copies <= 3; copies++) {
			struct eg_cluster c = cluster_of(5, copies, prefixes[p]);
			size_t held[5] = { 0 };

			for (int s = 0; s < SENSORS; s++)
				for (uint64_t h = place(&c, s); h != 0; h &= h - 1)
					held[__builtin_ctzll(h)]++;
			for (size_t i = 0; i < 5; i++)
				assert_true(held[i] * 5 * 4 <= copies * SENSORS * 5);
		}
}

/* Copies that are on a node after the change and were not before. */
static int
moved(const struct eg_cluster *before, const struct eg_cluster *after)
{
	int n = 0;

	for (int s = 0; s < SENSORS; s++)
		n += __builtin_popcountll(place(after, s) & ~place(before, s));
	return n;
}

static void
a_sixth_node_takes_its_share_and_nothing_else_moves(void **state)
{
	(void)state;
	for (size_t copies = 1; copies <= 3; copies++) {
		struct eg_cluster five = cluster_of(5, copies, "node");
		struct eg_cluster six = cluster_of(6, copies, "node");

		assert_true(moved(&five, &six) * 60 <= (int)copies * SENSORS * 12);
		assert_true(moved(&five, &six) > 0);
		for (int s = 0; s < SENSORS; s++)
			assert_int_equal(place(&six, s) & ~place(&five, s) & 0x1f, 0);
	}
}

static void
one_copy_more_adds_a_node_to_those_that_hold_it(void **state)
{
	struct eg_cluster two = cluster_of(5, 2, "node"), three = cluster_of(5, 3, "node");

	(void)state;
	for (int s = 0; s < SENSORS; s++)
		assert_int_equal(place(&two, s) & ~place(&three, s), 0);
}

static void
the_order_in_the_file_does_not_matter(void **state)
{
	struct eg_cluster c = cluster_of(5, 2, "node"), turned = c;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		turned.node[i] = c.node[4 - i];
	for (int s = 0; s < SENSORS; s++) {
		uint64_t held = place(&c, s), other = place(&turned, s);

		for (size_t i = 0; i < 5; i++)
			assert_int_equal(held >> i & 1, other >> (4 - i) & 1);
	}
}

/* Stores keep what they hold when the programs are replaced: where that is must not
 * change with a version. */
static void
places_stay_as_they_are(void **state)
{
	struct eg_cluster c = cluster_of(5, 2, "node");
	char text[64] = "", *to = text;

	(void)state;
	for (int s = 1; s <= 8; s++)
		to += sprintf(to, "%02x ", (unsigned)place(&c, s));
	assert_string_equal(text, "09 0a 14 14 03 0c 09 05 ");
}

static void
with_as_many_copies_as_nodes_all_hold_all(void **state)
{
	struct eg_cluster c = cluster_of(EG_NODES_MAX, EG_NODES_MAX, "n");

	(void)state;
	assert_true(place(&c, 1) == UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sensor_has_its_copies),
		cmocka_unit_test(no_node_holds_more_than_a_quarter_above_its_share),
		cmocka_unit_test(a_sixth_node_takes_its_share_and_nothing_else_moves),
		cmocka_unit_test(one_copy_more_adds_a_node_to_those_that_hold_it),
		cmocka_unit_test(the_order_in_the_file_does_not_matter),
		cmocka_unit_test(places_stay_as_they_are),
		cmocka_unit_test(with_as_many_copies_as_nodes_all_hold_all),
	};

	return cmocka_run_group_tests_name("placement", tests, NULL, NULL);
}
