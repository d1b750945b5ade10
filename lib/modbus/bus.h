/* SPDX-License-Identifier: MIT */
/* A connection, and the units that are read over it, one after the other. */
#ifndef EG_MODBUS_BUS_H
#define EG_MODBUS_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modbus/device.h"

struct eg_error;

/* The times at which a unit is read. */
struct eg_modbus_times {
	int64_t every_ms; /* interval; a round begins at each multiple of it, counted from 1970 */
	bool once;        /* read one round, now */
};

/* The caller sets link, device and n; all else is zero. */
struct eg_modbus_bus {
	struct eg_modbus_link link;
	struct eg_modbus_device *device;
	size_t n;
	struct eg_modbus_device *reading; /* the device whose round has begun; NULL: no round has */
};

/* The first multiple of every_ms after now; both on the wall clock, since the epoch, in
 * nanoseconds and milliseconds. Returns nanoseconds. */
int64_t eg_modbus_beat(int64_t now_ns, int64_t every_ms);

/* The time of the first round (eg_mono_ms). */
int64_t eg_modbus_bus_first(const struct eg_modbus_times *t);

/* Does the work that is due, without blocking: reads answers, and sends a request to the device
 * that has been due for longest. Appends records to *out. -1 with *e: memory is out. */
int eg_modbus_bus_work(struct eg_modbus_bus *b, const struct eg_modbus_times *t,
    struct eg_modbus_records *out, struct eg_error *e);

/* When to call eg_modbus_bus_work, unless its link is ready sooner; INT64_MAX: never, since all
 * devices have had their only round. */
int64_t eg_modbus_bus_due(const struct eg_modbus_bus *b);

#endif
