/* SPDX-License-Identifier: MIT */
/* Asks devices by HTTP on the clock's beat, and writes the records in their answers to standard
 * output. */
#ifndef EG_FETCH_H
#define EG_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "fetch/devices.h"
#include "fetch/request.h"

struct eg_common;
struct eg_decode;

struct eg_fetch_options {
	struct eg_fetch_config http;
	int64_t every_ms;  /* rounds begin at multiples of it, counted from 1970 in UTC */
	int64_t jitter_ms; /* a device is asked up to this much later; less than every_ms */
	bool once;         /* ask each once, now, and end */
};

/* The first multiple of every_ms after now, plus later_ms; both times in nanoseconds since 1970.
 * later_ms is less than every_ms, and the result may be of the round that has begun. */
int64_t eg_fetch_beat(int64_t now_ns, int64_t every_ms, int64_t later_ms);

/* Runs until SIGTERM, SIGINT, a closed standard output or an error; with once, until each device
 * has answered or failed. Returns the exit status; it has reported what went wrong. With once:
 * EG_TEMPORARY if a device is away, else EG_CONFIG if one refuses the request, else EG_REFUSED
 * if an answer could not be decoded. decode: made as for messages with topics,
 * since the host names a device that nothing else does. */
int eg_fetch_run(const struct eg_fetch_options *o, const struct eg_fetch_devices *devices,
    struct eg_decode *decode, const struct eg_common *common);

#endif
