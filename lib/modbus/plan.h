/* SPDX-License-Identifier: MIT */
/* Groups the registers of a map into requests; neighbours share one. */
#ifndef EG_MODBUS_PLAN_H
#define EG_MODBUS_PLAN_H

#include "modbus/map.h"

/* A request for count registers from start on, with the values in them. */
struct eg_modbus_block {
	enum eg_modbus_table table;
	int start, count;
	size_t first, n; /* range of the plan's entries */
};

/* All zero: empty. Filled by eg_modbus_plan_make. */
struct eg_modbus_plan {
	const struct eg_modbus_entry **entry; /* sorted by table and register; owned by the map */
	struct eg_modbus_block *block;
	size_t n; /* number of blocks */
};

/* Makes the requests for all entries of m, which must stay valid: as few as limit and gap allow,
 * in the order of tables and registers. A value and its scale factor are always in the same
 * request. -1 with EG_CONFIG if they are farther apart than the limit. The caller must call
 * eg_modbus_plan_free in both cases. */
int eg_modbus_plan_make(struct eg_modbus_plan *p, const struct eg_modbus_map *m,
    struct eg_error *e);

void eg_modbus_plan_free(struct eg_modbus_plan *p);

#endif
