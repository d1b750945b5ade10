/* SPDX-License-Identifier: MIT */
/* Registers to the value of a record. Integers and their scale are exact; a float becomes the
 * shortest decimal that reads back as the same float. */
#ifndef EG_MODBUS_VALUE_H
#define EG_MODBUS_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "modbus/map.h"
#include "record/record.h"

enum eg_modbus_result {
	EG_MODBUS_OK,
	EG_MODBUS_NOTHING, /* the device says that nothing was measured */
	EG_MODBUS_RANGE,   /* the value or its scale factor is out of range */
};

/* Converts the registers of r, as they came in (each in the byte order of the protocol), to the
 * unit of eg_modbus_unit. sf is the register of the scale factor, 0 without one: a power of ten
 * from -10 to 10, and 0x8000 for none (SunSpec, sunssf). Writes at most EG_VALUE_MAX bytes
 * without a NUL to out, when the result is OK; *len: how many. */
enum eg_modbus_result eg_modbus_value(const struct eg_modbus_entry *r, const uint16_t *reg,
    uint16_t sf, char out[EG_VALUE_MAX], size_t *len);

/* The unit in which values of `unit` are written: kWh, W, var, kvarh, VA, V, A, Hz, m3, GJ, C, %,
 * or - for none. NULL: the unit is not known. Static. */
const char *eg_modbus_unit(const char *unit);

#endif
