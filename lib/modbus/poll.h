/* SPDX-License-Identifier: MIT */
/* Polls devices at regular times, and writes records to standard output. */
#ifndef EG_MODBUS_POLL_H
#define EG_MODBUS_POLL_H

#include <stdint.h>

#include "modbus/bus.h"
#include "modbus/list.h"

struct eg_common;
struct eg_error;

struct eg_modbus_options {
	struct eg_modbus_line line;   /* settings of serial lines */
	struct eg_modbus_times times;
	int64_t answer_ms;            /* time limit for a connection, and for an answer */
};

/* Reads the devices of the list, with a connection for each address, so that no address waits for
 * another. Runs until a signal, until standard output is closed, or, with once, until each request
 * has its answer. Blocks. -1 with *e: EG_USAGE for an address; EG_CONFIG, with once, for requests
 * that a device refuses; EG_TEMPORARY after common->timeout_ms without an answer (with once of one
 * device, otherwise of all); EG_LOCAL_IO. */
int eg_modbus_poll(const struct eg_modbus_options *o, const struct eg_modbus_list *list,
    const struct eg_common *common, struct eg_error *e);

#endif
