/* SPDX-License-Identifier: MIT */
/* SunSpec: a device lists its models one behind the other, and a value has a place within a
 * model. The source is the SunSpec Device Information Model Specification 1.1 (4.3, 6.1). */
#ifndef EG_MODBUS_SUNSPEC_H
#define EG_MODBUS_SUNSPEC_H

#include "modbus/link.h"

#define EG_MODBUS_WALK_MAX 64 /* models of a device that are listed */

/* The models that a device has. All zero: none. */
struct eg_modbus_models {
	struct {
		int id, address, count; /* address: of the model's ID; count: registers, with its head */
	} at[EG_MODBUS_WALK_MAX];
	size_t n;
};

/* Walks through the models of a unit, from the mark at holding register 40000, 0 or 50000 on.
 * Blocks as eg_modbus_link_read does. READ: *out lists them; other outcomes as there, and TROUBLE
 * when there is no mark. */
enum eg_modbus_outcome eg_modbus_sunspec_walk(struct eg_modbus_link *l, int unit,
    struct eg_modbus_models *out);

/* Copies the entries of m to out (room for m->n), with addresses in place of models and offsets.
 * Returns how many; those whose models the device does not have, or that lie behind the model's
 * end, are left out. */
size_t eg_modbus_sunspec_place(const struct eg_modbus_map *m, const struct eg_modbus_models *models,
    struct eg_modbus_entry *out);

#endif
