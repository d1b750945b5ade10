/* SPDX-License-Identifier: MIT */
/* Polls devices by HTTP at regular times, and writes the records in their answers to standard
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
	int64_t every_ms;  /* interval, at multiples of it since 1970 in UTC */
	int64_t jitter_ms; /* largest delay of a device's request; less than every_ms */
	bool once;         /* request each device once, now, and end */
};

/* The first multiple of every_ms, plus later_ms, after now; both times in nanoseconds since 1970.
 * later_ms is less than every_ms, so the result may belong to the current interval. */
int64_t eg_fetch_beat(int64_t now_ns, int64_t every_ms, int64_t later_ms);

/* Runs until SIGTERM, SIGINT, a closed standard output or an error; with once, until each device
 * has answered or failed. Prints failures, and returns the exit status. With once: EG_TEMPORARY if
 * a device is unreachable, else EG_CONFIG if one refuses the request, else EG_REFUSED if an answer
 * could not be decoded. decode: made for messages with topics, since a device without another name
 * is named by its host. */
int eg_fetch_run(const struct eg_fetch_options *o, const struct eg_fetch_devices *devices,
    struct eg_decode *decode, const struct eg_common *common);

#endif
