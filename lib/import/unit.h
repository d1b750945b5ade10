/* SPDX-License-Identifier: MIT */
/* Units that stand behind values, as in `1.2 kWh`, and in the names of columns. */
#ifndef EG_IMPORT_UNIT_H
#define EG_IMPORT_UNIT_H

#include "base/slice.h"

/* The unit that text is, as its usual spelling: static storage. Upper and lower case are alike,
 * but for a first m (milli) or M (mega). NULL: it is none that is known. */
const char *eg_unit_find(struct eg_slice text);

/* Cuts the unit, and the blanks before it, off a value. Returns it as eg_unit_find does, or NULL:
 * there is none behind a digit, and *value stays. */
const char *eg_unit_cut(struct eg_slice *value);

/* The unit at the end of a name: `Usage (kWh)`, `Verbruik [kWh]`, `power_w`, `Consumo kWh`, `kWh`;
 * or NULL. */
const char *eg_unit_in_head(struct eg_slice name);

#endif
