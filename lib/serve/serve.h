/* SPDX-License-Identifier: MIT */
/* The door for sensors: readings by HTTP, answered when they are safe downstream. */
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
	const char *token;      /* one more, for every sensor; NULL: none */
	size_t connections;     /* at most */
	size_t body_max;        /* bytes of a request's body, unpacked */
	size_t held_max;        /* bytes of readings under way, bodies and all */
	double rate;            /* requests a second a token; 0: no limit */
	int64_t patience_ms;    /* for a request to come whole */
	int64_t wait_ms;        /* for its receipts */
	const char *sensor_tag; /* of line protocol */
	bool skip_text;         /* pass over its fields that are no numbers */
	const char *store;      /* an eg-store database to read from; NULL: none */
	char **command;         /* NULL-terminated; NULL: standard output */
};

/* Serves until a signal or a failure; prints messages and counters, returns the exit
 * status. eg_stop_install is called here. */
int eg_serve_run(const struct eg_serve *config, const struct eg_common *common);

#endif
