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
	struct eg_modbus_line line;   /* settings of a serial line */
	struct eg_modbus_units units; /* units to try; n 0: 1 to 247 */
	int64_t answer_ms;            /* time limit for a connection, and for an answer */
};

/* Reads a register of each unit, and writes a line for each that answers, even with an exception:
 * `unit 1 answers; SunSpec at 40000: models 1 103; Maker Model`. A unit without an answer takes
 * answer_ms. Blocks. -1 with *e: EG_USAGE for the target, EG_TEMPORARY if no unit answers or there
 * is no connection, EG_LOCAL_IO. A signal ends it. */
int eg_modbus_scan(const struct eg_modbus_scan *s, struct eg_error *e);

#endif
