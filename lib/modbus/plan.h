/* SPDX-License-Identifier: MIT */
/* Which requests read the registers of a map: neighbours share one. */
#ifndef EG_MODBUS_PLAN_H
#define EG_MODBUS_PLAN_H

#include "modbus/map.h"

/* A request: count registers from start on, and the values that are in them. */
struct eg_modbus_block {
	enum eg_modbus_table table;
	int start, count;
	size_t first, n; /* of the plan's entries */
};

/* All zero: nothing. Filled by eg_modbus_plan_make. */
struct eg_modbus_plan {
	const struct eg_modbus_entry **entry; /* by table and register; the map's */
	struct eg_modbus_block *block;
	size_t n; /* blocks */
};

/* Makes the requests for all entries of m, which must stay valid: as few as its limit and gap
 * allow, in the order of tables and registers. A value and its scale factor are always in the
 * same request. -1 with EG_CONFIG when they are farther apart than the limit; the caller calls
 * eg_modbus_plan_free in each case. */
int eg_modbus_plan_make(struct eg_modbus_plan *p, const struct eg_modbus_map *m,
    struct eg_error *e);

void eg_modbus_plan_free(struct eg_modbus_plan *p);

#endif
