/* SPDX-License-Identifier: MIT */
/* A connection to a Modbus server, by libmodbus. */
#ifndef EG_MODBUS_LINK_H
#define EG_MODBUS_LINK_H

#include <modbus/modbus.h>
#include <stdbool.h>
#include <stdint.h>

#include "modbus/answer.h"

struct eg_error;

enum eg_modbus_outcome {
	EG_MODBUS_READ,        /* reg holds the registers */
	EG_MODBUS_EXCEPTION,   /* the device refused: exception */
	EG_MODBUS_UNREACHABLE, /* no connection */
	EG_MODBUS_TROUBLE,     /* no answer, or none to this request; the connection is closed */
	EG_MODBUS_STOPPED,     /* by a signal */
};

/* Filled by eg_modbus_link_init. */
struct eg_modbus_link {
	modbus_t *ctx;
	const char *target; /* as the user wrote it */
	int64_t limit_ms;   /* for a connection, and for an answer */
	int64_t pause_ms;   /* of silence before a request on a serial line; 0: TCP */
	bool open;
	bool unreachable;   /* the last attempt to connect failed */
	uint16_t id;        /* of the last request */
	/* results of eg_modbus_link_read: */
	uint16_t reg[EG_MODBUS_LIMIT];
	int exception;
	int64_t ns;         /* when the answer was there, since the epoch */
	char why[128];      /* of UNREACHABLE and TROUBLE: words for a message */
};

/* How a serial line is set. */
struct eg_modbus_line {
	int baud;
	int data;    /* bits: 7 or 8 */
	char parity; /* N, E or O */
	int stop;    /* bits: 1 or 2 */
};

/* Reads BAUD or BAUD,8N1. False: it is neither. */
bool eg_modbus_line_parse(const char *s, struct eg_modbus_line *line);

/* Whether the target is a serial line: a path, which begins with '/'. */
bool eg_modbus_is_line(const char *target);

/* Sets the target, which must stay valid: HOST[:PORT] (port 502), [ADDRESS]:PORT, or the path of a
 * serial line, which is set as `line` says. Does not connect. -1 with EG_USAGE. */
int eg_modbus_link_init(struct eg_modbus_link *l, const char *target,
    const struct eg_modbus_line *line, int64_t limit_ms, struct eg_error *e);

/* Connects if need be, sends q (its id is set here), and waits for the answer: each for
 * l->limit_ms at most. A name is looked up by the resolver, with its own limits. A signal ends
 * the wait for an answer. After TROUBLE the connection is closed, so that a late answer is never
 * taken for the next one. */
enum eg_modbus_outcome eg_modbus_link_read(struct eg_modbus_link *l, struct eg_modbus_request *q);

void eg_modbus_link_free(struct eg_modbus_link *l);

#endif
