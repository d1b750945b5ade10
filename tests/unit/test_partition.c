/* SPDX-License-Identifier: MIT */
/* Tests of lib/amqp/partition. The expected partitions are what RabbitMQ's stream client for Go,
 * 1.8.3, printed for these keys (NewHashRoutingStrategy). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "amqp/partition.h"

struct expected {
	const char *key;
	uint32_t of_3, of_8, of_100;
};

static const struct expected rows[] = {
	{ "s", 0, 0, 88 },
	{ "se", 2, 6, 30 },
	{ "sen", 2, 1, 25 },
	{ "sensor", 0, 2, 66 },
	{ "sensor1", 0, 7, 63 },
	{ "sensor15", 1, 4, 56 },
	{ "sensor123", 2, 3, 71 },
	{ "zähler-ü1", 2, 1, 73 },
	{ "house.kitchen.fridge", 2, 3, 75 },
	{ "0123456789abcdef0123456789abcdef", 0, 2, 66 },
};

static void
a_key_has_the_partition_of_other_clients(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct expected *r = &rows[i];
		size_t len = strlen(r->key);

		assert_int_equal(eg_partition(r->key, len, 3), r->of_3);
		assert_int_equal(eg_partition(r->key, len, 8), r->of_8);
		assert_int_equal(eg_partition(r->key, len, 100), r->of_100);
	}
}

static void
one_partition_takes_all(void **state)
{
	(void)state;
	assert_int_equal(eg_partition("sensor1", 7, 1), 0);
	assert_int_equal(eg_partition("", 0, 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_has_the_partition_of_other_clients),
		cmocka_unit_test(one_partition_takes_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
