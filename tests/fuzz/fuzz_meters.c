/* SPDX-License-Identifier: MIT */
/* Fuzzes the file of meters: what is taken has known kinds and roles, and a sensor that is
 * asked for twice gets the same answer, the first line that matches.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/meters */
#include <fnmatch.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "meters/meters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
ask(struct eg_meters *m, const char *sensor)
{
	const struct eg_meter *list, *found = eg_meters_find(m, sensor, strlen(sensor));
	size_t n, i = 0;

	list = eg_meters_list(m, &n);
	while (i < n && fnmatch(list[i].pattern, sensor, 0) != 0)
		i++;
	require(found == (i < n ? &list[i] : NULL));
	require(eg_meters_find(m, sensor, strlen(sensor)) == found);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eg_error e = { 0 };
	struct eg_meters *m = eg_meters_parse("file", (const char *)data, size, &e);
	const struct eg_meter *list;
	size_t n;

	require((m == NULL) == (e.status == EG_CONFIG));
	if (m == NULL)
		return 0;
	list = eg_meters_list(m, &n);
	require(n > 0);
	for (size_t i = 0; i < n && i < 20; i++) {
		require(list[i].kind < EG_KINDS && list[i].role < EG_ROLES && list[i].line > 0);
		require((list[i].pulses > 0) == (list[i].kind == EG_KIND_PULSE));
		if (*list[i].pattern != '\0')
			ask(m, list[i].pattern);
	}
	ask(m, "sensor1");
	ask(m, "dsmr/import_t1");
	eg_meters_free(m);
	return 0;
}
