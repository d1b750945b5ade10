/* SPDX-License-Identifier: MIT */
/* SunSpec: a device lists its models one behind the other, and a value has a place within a
 * model. The source is the SunSpec Device Information Model Specification 1.1 (4.3, 6.1). */
#ifndef EG_MODBUS_SUNSPEC_H
#define EG_MODBUS_SUNSPEC_H

#include <stddef.h>
#include <stdint.h>

#include "modbus/answer.h"

#define EG_MODBUS_NO_MARK "no SunSpec registers at 40000, 0 or 50000"
#define EG_MODBUS_WALK_MAX 64 /* models of a device that are listed */

/* The models that a device has. All zero: none. */
struct eg_modbus_models {
	struct {
		int id, address, count; /* address: of the model's ID; count: registers, with its head */
	} at[EG_MODBUS_WALK_MAX];
	size_t n;
};

/* A walk through the models of a unit. All zero: it begins. */
struct eg_modbus_walk {
	size_t place; /* of the mark, that is tried */
	int at;       /* of the next model; 0: the mark is looked for */
	struct eg_modbus_models models; /* that were found */
};

enum eg_modbus_walked {
	EG_MODBUS_WALK_ON,    /* eg_modbus_walk_request has the next request */
	EG_MODBUS_WALK_ENDED, /* models lists all */
	EG_MODBUS_WALK_NONE,  /* there is no mark */
};

/* What is to be read next: two holding registers, from the mark at 40000, 0 or 50000 on. */
struct eg_modbus_request eg_modbus_walk_request(const struct eg_modbus_walk *w, int unit);

/* Takes the two registers; NULL: the device does not have them. */
enum eg_modbus_walked eg_modbus_walk_take(struct eg_modbus_walk *w, const uint16_t *reg);

/* Copies the entries of m to out (room for m->n), with addresses in place of models and offsets.
 * Returns how many; those whose models the device does not have, or that lie behind the model's
 * end, are left out. */
size_t eg_modbus_sunspec_place(const struct eg_modbus_map *m, const struct eg_modbus_models *models,
    struct eg_modbus_entry *out);

#endif
