/* SPDX-License-Identifier: MIT */
/* A connection, and the units behind it, which are read one after the other. */
#ifndef EG_MODBUS_BUS_H
#define EG_MODBUS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modbus/device.h"

struct eg_error;

/* The times at which a unit is read. */
struct eg_modbus_times {
	int64_t every_ms; /* a round begins at each multiple of it, counted from 1970 */
	bool once;        /* one round, at once */
};

/* All zero but for link, device and n. */
struct eg_modbus_bus {
	struct eg_modbus_link link;
	struct eg_modbus_device *device;
	size_t n;
	struct eg_modbus_device *reading; /* the device whose round has begun; NULL: none */
};

/* The first multiple of every_ms after now; both on the wall clock, since the epoch, in
 * nanoseconds and milliseconds. Returns nanoseconds. */
int64_t eg_modbus_beat(int64_t now_ns, int64_t every_ms);

/* The time of a device's first round. */
int64_t eg_modbus_bus_first(const struct eg_modbus_times *t);

/* Does what can be done now, without blocking: takes answers, asks the device that is due longest.
 * Appends records to *out. -1 with *e: memory is out. */
int eg_modbus_bus_work(struct eg_modbus_bus *b, const struct eg_modbus_times *t,
    struct eg_modbus_records *out, struct eg_error *e);

/* When eg_modbus_bus_work is to be called, unless its link is ready before; INT64_MAX: all devices
 * were read for good. */
int64_t eg_modbus_bus_due(const struct eg_modbus_bus *b);

#endif
