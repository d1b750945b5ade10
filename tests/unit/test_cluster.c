/* SPDX-License-Identifier: MIT */
/* Tests of lib/cluster/cluster: the cluster file, and what is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/diag.h"
#include "cluster/cluster.h"

static char path[] = "/tmp/eg-test-cluster-XXXXXX";

static int
make_path(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 || close(fd) != 0;
}

static int
remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

static int
read_bytes(struct eg_cluster *c, const char *text, size_t len, struct eg_error *e)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	return eg_cluster_open(c, path, e);
}

static void
good(struct eg_cluster *c, const char *text)
{
	struct eg_error e = { 0 };

	if (read_bytes(c, text, strlen(text), &e) != 0)
		fail_msg("%s", e.text);
}

static void
bad(const char *text, const char *reason)
{
	struct eg_error e = { 0 };
	struct eg_cluster c;

	assert_int_equal(read_bytes(&c, text, strlen(text), &e), -1);
	assert_int_equal(e.status, EG_CONFIG);
	if (strncmp(e.text, path, strlen(path)) != 0 || strcmp(e.text + strlen(path), reason) != 0)
		fail_msg("'%s': not '%s'", e.text, reason);
}

static void
the_file_is_read_as_it_is_described(void **state)
{
	struct eg_cluster c;

	(void)state;
	good(&c, "# three nodes\nstrategy ring\ncopies 2\nquorum 1\n\nnode a eg-store a.db\n"
	         "node b ssh b /usr/bin/eg-store 'my store.db' # far\r\nnode c eg-publish -Q replica");
	assert_int_equal(c.strategy, EG_RING);
	assert_int_equal(c.copies, 2);
	assert_int_equal(c.quorum, 1);
	assert_int_equal(c.n, 3);
	assert_string_equal(c.node[1].name, "b");
	assert_int_equal(c.node[1].argc, 4);
	assert_string_equal(c.node[1].argv[3], "my store.db");
	assert_null(c.node[1].argv[4]);
	assert_true(c.node[0].kind == EG_MEMBER_STORE && c.node[1].kind == EG_MEMBER_STORE);
	assert_true(c.node[2].kind == EG_MEMBER_STAGE && c.node[1].shell && !c.node[0].shell);
	assert_int_equal(eg_cluster_find(&c, "c"), 2);
	assert_int_equal(eg_cluster_find(&c, "d"), 3);
	eg_cluster_close(&c);
}

static void
what_is_not_said_has_a_default(void **state)
{
	struct eg_cluster c;

	(void)state;
	good(&c, "node a x\nnode b y\nnode c z\n");
	assert_int_equal(c.strategy, EG_FULL);
	assert_int_equal(c.copies, 3);
	assert_int_equal(c.quorum, 2);
	eg_cluster_close(&c);
	good(&c, "strategy ring\nnode a x\nnode b y\nnode c z\n");
	assert_int_equal(c.copies, 2);
	assert_int_equal(c.quorum, 2);
	eg_cluster_close(&c);
	good(&c, "strategy ring\nnode a x\n");
	assert_int_equal(c.copies, 1);
	assert_int_equal(c.quorum, 1);
	eg_cluster_close(&c);
}

static void
a_fault_is_told_with_its_line(void **state)
{
	(void)state;
	bad("", ": no node in it");
	bad("# nothing\nstrategy full\n", ": no node in it");
	bad("node a x\nreplicas 3\n", ":2: 'replicas': is none of strategy, copies, quorum, store, stage, node");
	bad("node a x\nnode b y\n\nnode a z\n", ":4: a node named 'a' stands in line 1 already");
	bad("node a\n", ":1: a node has a name and a command");
	bad("node a/b x\n", ":1: 'a/b': a name is made of letters, digits, '_', '.' and '-' (64 at most)");
	bad("node -a x\n", ":1: '-a': a name is made of letters, digits, '_', '.' and '-' (64 at most)");
	bad("node .. x\n", ":1: '..': a name is made of letters, digits, '_', '.' and '-' (64 at most)");
	bad("node '' x\n", ":1: '': a name is made of letters, digits, '_', '.' and '-' (64 at most)");
	bad("strategy raft\n", ":1: 'raft': a strategy is full or ring");
	bad("strategy ring\nstrategy ring\n", ":2: 'strategy': stands twice in the file");
	bad("strategy\n", ":1: 'strategy': takes one word");
	bad("quorum 1 2\n", ":1: 'quorum': takes one word");
	bad("quorum 0\n", ":1: '0': is not a number from 1 to 64");
	bad("copies two\n", ":1: 'two': is not a number from 1 to 64");
	bad("copies 65\n", ":1: '65': is not a number from 1 to 64");
	bad("strategy ring\ncopies 3\nnode a x\nnode b y\n", ":2: 3 copies need more than the 2 nodes in it");
	bad("strategy ring\ncopies 2\nquorum 3\nnode a x\nnode b y\nnode c z\n",
	    ":3: a quorum of 3 is above the 2 copies of a record");
	bad("quorum 2\nnode a x\n", ":1: a quorum of 2 is above the 1 copy of a record");
	bad("copies 1\nnode a x\nnode b y\n",
	    ":1: copies goes with the strategy ring: full copies to all nodes");
	bad("node a 'x\n", ":1: a quote is not closed");
	bad("node a x > log\n", ":1: a command is run without a shell: quote it, or use sh -c '...'");
}

static void
what_is_no_text_of_this_size_is_refused(void **state)
{
	static char big[1024 * 1024 + 1];
	struct eg_error e = { 0 };
	struct eg_cluster c;

	(void)state;
	assert_int_equal(read_bytes(&c, "node a x\0y\n", 11, &e), -1);
	assert_non_null(strstr(e.text, "is not a text file"));
	memset(big, '#', sizeof(big));
	e = (struct eg_error){ 0 };
	assert_int_equal(read_bytes(&c, big, sizeof(big), &e), -1);
	assert_non_null(strstr(e.text, "is larger than 1 MiB"));
	e = (struct eg_error){ 0 };
	assert_int_equal(eg_cluster_open(&c, "/nowhere/c.conf", &e), -1);
	assert_int_equal(e.status, EG_CONFIG);
}

static void
sixty_four_nodes_fit_and_no_more(void **state)
{
	char text[4096] = "", *to = text;
	struct eg_cluster c;

	(void)state;
	for (int i = 0; i < EG_NODES_MAX; i++)
		to += sprintf(to, "node n%d eg-store n%d.db\n", i, i);
	good(&c, text);
	assert_int_equal(c.n, EG_NODES_MAX);
	assert_int_equal(c.quorum, 33);
	eg_cluster_close(&c);
	sprintf(to, "node more x\n");
	bad(text, ":65: more than 64 nodes");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_read_as_it_is_described),
		cmocka_unit_test(what_is_not_said_has_a_default),
		cmocka_unit_test(a_fault_is_told_with_its_line),
		cmocka_unit_test(what_is_no_text_of_this_size_is_refused),
		cmocka_unit_test(sixty_four_nodes_fit_and_no_more),
	};

	return cmocka_run_group_tests_name("cluster", tests, make_path, remove_path);
}
