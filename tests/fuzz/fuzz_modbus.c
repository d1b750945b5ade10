/* SPDX-License-Identifier: MIT */
/* Fuzzes the map of a Modbus device, registers to values, and the check of answers. The input holds
 * a map, a NUL byte, and registers, which are a frame, too. Each value is the value of a record.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/modbus */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/number.h"
#include "modbus/answer.h"
#include "modbus/map.h"
#include "modbus/plan.h"
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

/* A request fits the limit, and reads all registers of its values. */
static void
check_plan(const struct eg_modbus_map *m)
{
	struct eg_modbus_plan plan;
	struct eg_error e = { 0 };
	size_t n = 0;

	if (eg_modbus_plan_make(&plan, m, &e) == 0)
		for (size_t i = 0; i < plan.n; i++) {
			const struct eg_modbus_block *b = &plan.block[i];

			require(b->count <= m->limit && b->first == n && b->n > 0);
			for (n += b->n; n > b->first; n--) {
				const struct eg_modbus_entry *r = plan.entry[n - 1];

				require(r->table == b->table && r->address >= b->start && r->address +
				    eg_modbus_width(r->type) <= b->start + b->count);
				require(r->sf < 0 || (r->sf >= b->start && r->sf < b->start + b->count));
			}
			n += b->n;
		}
	require(e.status != EG_OK || n == m->n);
	eg_modbus_plan_free(&plan);
}

static void
check_frame(const uint8_t *frame, size_t len)
{
	struct eg_modbus_request q = { .id = 1, .unit = 1, .table = EG_MODBUS_INPUT, .count = 2 };
	uint16_t reg[2];
	int exception;

	for (int tcp = 0; tcp < 2; tcp++)
		if (eg_modbus_answer(&q, tcp != 0, frame, len, reg, &exception) == NULL)
			require(len >= (tcp ? 9 : 5) && exception >= 0 && exception <= 255);
	require(eg_modbus_tcp_size(frame, len) >= 6 && eg_modbus_line_size(frame, len) >= 3);
	require(eg_modbus_line_size(frame, len) <= 260);
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
	data += len + (end != NULL);
	len = size - len - (end != NULL);
	convert(&m, data, len);
	check_plan(&m);
	check_frame(data, len);
	eg_modbus_map_free(&m);
	return 0;
}
