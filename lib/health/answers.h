/* SPDX-License-Identifier: MIT */
/* Serves the health and the counters of a program over HTTP: GET /health, /live and /metrics. */
#ifndef EG_HEALTH_ANSWERS_H
#define EG_HEALTH_ANSWERS_H

#include <stdint.h>

struct eg_error;

struct eg_health_options {
	const char *listen; /* `[ADDRESS:]PORT`; without an address the loopback one */
	int64_t limit_ms;   /* see struct eg_health */
};

/* Reads counters from the descriptor in until its end, or until SIGTERM or SIGINT, and answers
 * requests. Writes a line with the address to the descriptor out as soon as requests are
 * answered. Blocks. -1 with *e: EG_USAGE or EG_CONFIG if it cannot listen at the address, see
 * eg_listener_open; EG_LOCAL_IO if in cannot be read. */
int eg_health_serve(const struct eg_health_options *o, int in, int out, struct eg_error *e);

#endif
