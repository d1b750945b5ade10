/* SPDX-License-Identifier: MIT */
/* Units after values, as in `1.2 kWh`, and in names of columns. */
#ifndef EG_IMPORT_UNIT_H
#define EG_IMPORT_UNIT_H

#include "base/slice.h"

/* The usual spelling of the unit in text (static storage). Upper and lower case are equal,
 * except for a first m (milli) or M (mega). NULL if the unit is unknown. */
const char *eg_unit_find(struct eg_slice text);

/* Removes the unit and the blanks before it from a value, and returns the unit as eg_unit_find
 * does. NULL if there is none after a digit; then *value is unchanged. */
const char *eg_unit_cut(struct eg_slice *value);

/* The unit at the end of a name: `Usage (kWh)`, `Verbruik [kWh]`, `power_w`, `Consumo kWh`,
 * `kWh`; NULL if there is none. */
const char *eg_unit_in_head(struct eg_slice name);

/* The same, but NULL for a letter that may mean something else, as in `Phase A`: one without
 * parentheses around it, other than W. */
const char *eg_unit_certain(struct eg_slice name);

/* The unit in text, as eg_unit_find returns it, if it is one of power (*quantity 'w') or energy
 * ('h'), and the power of ten of its prefix. Upper and lower case are equal, except that mW is
 * milli; other units in m are mega. NULL: another unit, or none. */
const char *eg_unit_quantity(struct eg_slice text, char *quantity, int *power);

#endif
