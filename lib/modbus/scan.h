/* SPDX-License-Identifier: MIT */
/* Lists the units that answer at an address. */
#ifndef EG_MODBUS_SCAN_H
#define EG_MODBUS_SCAN_H

#include <stdint.h>

#include "modbus/list.h"
#include "modbus/serial.h"

struct eg_error;

struct eg_modbus_scan {
	const char *target; /* HOST[:PORT], or the path of a serial line */
	struct eg_modbus_line line;   /* of the latter */
	struct eg_modbus_units units; /* to ask; n 0: 1 to 247 */
	int64_t answer_ms;            /* the limit for a connection, and for an answer */
};

/* Asks each unit for a register, and writes a line for each that answers, also with an exception:
 * `unit 1 answers; SunSpec at 40000: models 1 103; Maker Model`. A unit that is silent costs
 * answer_ms. Blocks. -1 with *e: EG_USAGE for the target, EG_TEMPORARY when none answers or there
 * is no connection, EG_LOCAL_IO. A signal ends it. */
int eg_modbus_scan(const struct eg_modbus_scan *s, struct eg_error *e);

#endif
