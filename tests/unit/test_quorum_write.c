/* SPDX-License-Identifier: MIT */
/* Tests of lib/cluster/quorum_write: who gets what of a batch, and when it has its quorum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cluster/cluster.h"
#include "cluster/quorum_write.h"
#include "cluster/placement.h"
#include "record/record.h"

enum { RECORDS = 6, NODES = 4 };

static char text[512];
static struct eg_record rec[RECORDS];
static struct eg_node node[NODES];
static struct eg_batch batch;
static struct eg_cluster ring, full;
static bool gone[RECORDS];
static char reason[300];

/* In the place of the stage's. */
void
eg_batch_refuse(struct eg_batch *b, size_t i, const char *why)
{
	assert_ptr_equal(b, &batch);
	gone[i] = true;
	snprintf(reason, sizeof(reason), "%s", why);
}

static int
make_batch(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	char *to = text;

	(void)state;
	memset(gone, 0, sizeof(gone));
	for (size_t i = 0; i < RECORDS; i++) {
		int n = sprintf(to, "s%zu:2026-11-23T14:18:36:%zu.5\n", i / 2, i);

		assert_int_equal(eg_record_parse(to, (size_t)n - 1, &rec[i]), EG_FAULT_NONE);
		to += n;
	}
	batch = (struct eg_batch){ .rec = rec, .n = RECORDS, .bytes = strlen(text) };
	ring = (struct eg_cluster){ .path = "c", .strategy = EG_RING, .copies = 2, .quorum = 2,
		.n = NODES };
	for (size_t i = 0; i < NODES; i++) {
		ring.node[i].name = names[i];
		ring.node[i].seed = eg_place_seed(names[i]);
		node[i].index = i;
	}
	full = ring;
	full.strategy = EG_FULL;
	full.copies = NODES;
	full.quorum = 3;
	return 0;
}

static void
settle(struct eg_quorum_write *w, size_t i)
{
	w->settled |= UINT64_C(1) << i;
	eg_replica_free(w->replica[i]);
	w->replica[i] = NULL;
}

static void
end(struct eg_quorum_write *w)
{
	for (size_t i = 0; i < NODES; i++)
		if (w->replica[i] != NULL)
			settle(w, i);
	eg_quorum_write_free(w);
}

static void
with_full_all_nodes_share_one_text(void **state)
{
	struct eg_quorum_write *w = eg_quorum_write_new(&full, &batch, node, 0);

	(void)state;
	assert_int_equal(w->nodes, 0xf);
	for (size_t i = 0; i < NODES; i++) {
		assert_ptr_equal(w->replica[i]->text, w->replica[0]->text);
		assert_ptr_equal(w->replica[i]->node, &node[i]);
		assert_int_equal(w->replica[i]->records, RECORDS);
	}
	assert_int_equal(w->replica[0]->text->len, batch.bytes);
	assert_memory_equal(w->replica[0]->text->bytes, text, batch.bytes);
	end(w);
}

static void
with_ring_each_node_gets_its_sensors_in_order(void **state)
{
	struct eg_quorum_write *w = eg_quorum_write_new(&ring, &batch, node, 0);
	uint64_t copies = 0;

	(void)state;
	for (size_t i = 0; i < NODES; i++) {
		char expected[512] = "";

		for (size_t k = 0; k < RECORDS; k++)
			if ((eg_place(&ring, rec[k].line, rec[k].sensor_len) >> i & 1) != 0)
				strncat(expected, rec[k].line, (size_t)rec[k].len + 1);
		assert_int_equal((w->nodes >> i & 1) != 0, *expected != '\0');
		if (*expected == '\0') {
			assert_null(w->replica[i]);
			continue;
		}
		copies += w->replica[i]->records;
		assert_int_equal(w->replica[i]->text->len, strlen(expected));
		assert_memory_equal(w->replica[i]->text->bytes, expected, strlen(expected));
	}
	assert_int_equal(copies, 2 * RECORDS);
	end(w);
}

static void
the_quorum_is_one_of_receipts(void **state)
{
	struct eg_quorum_write *w = eg_quorum_write_new(&full, &batch, node, 0);

	(void)state;
	assert_false(eg_quorum_write_check(w));
	settle(w, 3);
	settle(w, 0);
	assert_false(eg_quorum_write_check(w));
	settle(w, 1);
	assert_true(eg_quorum_write_check(w));
	end(w);
}

static void
with_ring_every_record_needs_its_own(void **state)
{
	struct eg_quorum_write *w = eg_quorum_write_new(&ring, &batch, node, 0);
	uint64_t settled = 0;

	(void)state;
	for (size_t i = 0; i < NODES; i++) {
		bool all = true;

		for (size_t k = 0; k < RECORDS; k++)
			all = all && (eg_place(&ring, rec[k].line, rec[k].sensor_len) & ~settled) == 0;
		assert_int_equal(eg_quorum_write_check(w), all);
		settled |= UINT64_C(1) << i;
		if (w->replica[i] != NULL)
			settle(w, i);
	}
	assert_true(eg_quorum_write_check(w));
	end(w);
}

static size_t
offset_of(size_t i)
{
	return (size_t)(rec[i].line - text);
}

static void
what_a_quorum_can_still_take_is_not_refused(void **state)
{
	struct eg_quorum_write *w = eg_quorum_write_new(&full, &batch, node, 0);

	(void)state;
	assert_int_equal(eg_quorum_write_refuse(w, 2, offset_of(4)), 0);
	settle(w, 0);
	settle(w, 1);
	settle(w, 2);
	assert_false(eg_quorum_write_check(w)); /* of record 4 it has two receipts */
	settle(w, 3);
	assert_true(eg_quorum_write_check(w));
	for (size_t i = 0; i < RECORDS; i++)
		assert_false(gone[i]);
	end(w);
}

static void
what_no_quorum_can_take_is_refused_with_the_nodes_names(void **state)
{
	struct eg_quorum_write *w = eg_quorum_write_new(&full, &batch, node, 0);

	(void)state;
	assert_int_equal(eg_quorum_write_refuse(w, 2, offset_of(4)), 0);
	assert_int_equal(eg_quorum_write_refuse(w, 0, offset_of(4)), 0);
	settle(w, 0);
	settle(w, 1);
	settle(w, 2);
	assert_true(eg_quorum_write_check(w));
	for (size_t i = 0; i < RECORDS; i++)
		assert_int_equal(gone[i], i == 4);
	assert_string_equal(reason, "refused by node 'a' node 'c', so that there is no quorum");
	end(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(with_full_all_nodes_share_one_text, make_batch),
		cmocka_unit_test_setup(with_ring_each_node_gets_its_sensors_in_order, make_batch),
		cmocka_unit_test_setup(the_quorum_is_one_of_receipts, make_batch),
		cmocka_unit_test_setup(with_ring_every_record_needs_its_own, make_batch),
		cmocka_unit_test_setup(what_a_quorum_can_still_take_is_not_refused, make_batch),
		cmocka_unit_test_setup(what_no_quorum_can_take_is_refused_with_the_nodes_names, make_batch),
	};

	return cmocka_run_group_tests_name("spread", tests, NULL, NULL);
}
