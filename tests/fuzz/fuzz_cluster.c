/* SPDX-License-Identifier: MIT */
/* Fuzzes the reading of cluster files: what is taken must fit together.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/cluster */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/diag.h"
#include "cluster/cluster.h"
#include "cluster/placement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
check_node(const struct eg_cluster *c, size_t i)
{
	const struct eg_member *m = &c->node[i];

	require(eg_cluster_find(c, m->name) == i);
	require(*m->name != '\0' && strpbrk(m->name, "/ \t\n") == NULL);
	require(m->argc > 0 && m->argv[m->argc] == NULL);
	for (size_t k = 0; k < m->argc; k++)
		require(strlen(m->argv[k]) <= 1024 * 1024);
	require(m->seed == eg_place_seed(m->name));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[32];
	static int fd = -1;
	struct eg_error e = { 0 };
	struct eg_cluster c;

	if (fd < 0) {
		fd = memfd_create("cluster", 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	require(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	if (eg_cluster_open(&c, path, &e) != 0) {
		require(e.status == EG_CONFIG && *e.text != '\0');
		return 0;
	}
	require(c.n > 0 && c.n <= EG_NODES_MAX);
	require(c.quorum > 0 && c.quorum <= c.copies && c.copies <= c.n);
	for (size_t i = 0; i < c.n; i++)
		check_node(&c, i);
	require((size_t)__builtin_popcountll(eg_place(&c, "sensor1", 7)) == c.copies);
	eg_cluster_close(&c);
	return 0;
}
