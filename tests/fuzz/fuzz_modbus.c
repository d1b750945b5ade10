/* SPDX-License-Identifier: MIT */
/* Fuzzes the map of a Modbus device, and registers to values. The input holds a map, a NUL byte,
 * and registers. Each value is the value of a record.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/modbus */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/number.h"
#include "modbus/map.h"
#include "modbus/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
convert(const struct eg_modbus_map *m, const uint8_t *bytes, size_t len)
{
	uint16_t reg[5] = { 0 };
	char out[EG_VALUE_MAX];
	size_t n = 0;

	memcpy(reg, bytes, len < sizeof(reg) ? len : sizeof(reg));
	for (size_t i = 0; i < m->n; i++) {
		require(m->entry[i].address + eg_modbus_width(m->entry[i].type) <= 65536);
		if (eg_modbus_value(&m->entry[i], reg, reg[4], out, &n) == EG_MODBUS_OK)
			require(n <= EG_VALUE_MAX && eg_decimal_check(out, n) == EG_NUMBER_OK);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
	size_t len = end != NULL ? (size_t)(end - data) : size;
	struct eg_error e = { 0 };
	struct eg_modbus_map m;

	if (eg_modbus_map_parse(&m, "map", (const char *)data, len, &e) != 0) {
		require(e.status == EG_CONFIG && *e.text != '\0');
		return 0;
	}
	convert(&m, data + len + (end != NULL), size - len - (end != NULL));
	eg_modbus_map_free(&m);
	return 0;
}
