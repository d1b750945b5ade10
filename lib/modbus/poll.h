/* SPDX-License-Identifier: MIT */
/* Polls the units of a device on the clock's beat, and writes records to standard output. */
#ifndef EG_MODBUS_POLL_H
#define EG_MODBUS_POLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modbus/link.h"

struct eg_common;
struct eg_error;

#define EG_MODBUS_UNITS_MAX 255

struct eg_modbus_options {
	const char *map;    /* path of the map */
	const char *target; /* HOST[:PORT], or the path of a serial line */
	struct eg_modbus_line line; /* for the latter */
	const char *sensor; /* in front of the map's names; NULL: the map's own name */
	uint8_t unit[EG_MODBUS_UNITS_MAX];
	size_t units;       /* 0: the map's own */
	int64_t every_ms;   /* rounds begin at multiples of it, counted from the epoch */
	int64_t answer_ms;  /* the limit for a connection, and for an answer */
	bool once;          /* one round, at once */
};

/* Runs until a signal, the loss of standard output, or with once until each request is answered.
 * Blocks. -1 with *e: EG_CONFIG for the map, and with once for requests that the device refuses;
 * EG_TEMPORARY after common->timeout_ms without an answer; EG_LOCAL_IO. */
int eg_modbus_poll(const struct eg_modbus_options *o, const struct eg_common *common,
    struct eg_error *e);

/* The first multiple of every_ms after now; both on the wall clock, since the epoch, in
 * nanoseconds and milliseconds. Returns nanoseconds. */
int64_t eg_modbus_beat(int64_t now_ns, int64_t every_ms);

#endif
