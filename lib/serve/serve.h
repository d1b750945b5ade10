/* SPDX-License-Identifier: MIT */
/* An HTTP server that receives readings and answers when they are safe downstream. */
#ifndef EG_SERVE_H
#define EG_SERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_common;

struct eg_serve {
	const char *listen;     /* see eg_listener_open */
	const char *cert, *key; /* files; both or none */
	const char *tokens;     /* a file, see eg_tokens_read; NULL: none */
	const char *token;      /* another one, for all sensors; NULL: none */
	size_t connections;     /* most open connections */
	size_t body_max;        /* most bytes of a request's body, decompressed */
	size_t held_max;        /* most bytes of bodies and of readings without a receipt */
	double rate;            /* requests per second for each token; 0: no limit */
	int64_t receive_ms;    /* time limit for receiving a request */
	int64_t wait_ms;        /* time limit for its receipts */
	const char *sensor_tag; /* line protocol's tag that names the sensor */
	bool now;               /* readings of clocks that are not set have the time of arrival */
	bool skip_text;         /* ignore line protocol's fields that are not numbers */
	const char *meters;     /* a file of meters, for the page; NULL: none */
	const char *zone;       /* of the page's days */
	const char *store;      /* path of an eg-store database to read from; NULL: none */
	char **command;         /* NULL-terminated; NULL: standard output */
};

/* Runs the server until a signal or a failure. Prints messages and counters, and returns the
 * exit status. Calls eg_stop_install. */
int eg_serve_run(const struct eg_serve *config, const struct eg_common *common);

#endif
