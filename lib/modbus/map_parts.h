/* SPDX-License-Identifier: MIT */
/* What the files of the map's reader share. */
#ifndef EG_MODBUS_MAP_PARTS_H
#define EG_MODBUS_MAP_PARTS_H

#include "modbus/map.h"

struct eg_error;

/* Reads `name ADDRESS TYPE UNIT [KEY=VALUE]...`; rest is what stands behind the name. -1 with
 * EG_CONFIG. */
int eg_modbus_entry_parse(struct eg_modbus_map *m, const char *name, char *rest,
    struct eg_error *e);

/* Reads a whole number, decimal or hexadecimal with 0x, of 0 to max. False: it is none. */
bool eg_modbus_number(const char *s, uint64_t max, uint64_t *out);

/* Reads an order of bytes: abcd, cdab, badc or dcba. False: it is none. */
bool eg_modbus_order(const char *s, bool *swap_words, bool *swap_bytes);

#endif
