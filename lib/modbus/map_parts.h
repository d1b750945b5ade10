/* SPDX-License-Identifier: MIT */
/* Shared by the files that read a map. */
#ifndef EG_MODBUS_MAP_PARTS_H
#define EG_MODBUS_MAP_PARTS_H

#include "modbus/map.h"

struct eg_error;

/* Parses `name ADDRESS TYPE UNIT [KEY=VALUE]...`; rest is the text after the name. -1 with
 * EG_CONFIG. */
int eg_modbus_entry_parse(struct eg_modbus_map *m, const char *name, char *rest,
    struct eg_error *e);

/* Reads an integer from 0 to max, decimal or hexadecimal with 0x. Returns false for other text. */
bool eg_modbus_number(const char *s, uint64_t max, uint64_t *out);

/* Reads a byte order: abcd, cdab, badc or dcba. Returns false for other text. */
bool eg_modbus_order(const char *s, bool *swap_words, bool *swap_bytes);

#endif
