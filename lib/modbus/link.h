/* SPDX-License-Identifier: MIT */
/* A connection to a Modbus server over TCP, or a serial line: one request at a time, without
 * blocking. libmodbus sets serial lines only: its functions for TCP wait for a whole answer, so one
 * slow device would hold up all others. */
#ifndef EG_MODBUS_LINK_H
#define EG_MODBUS_LINK_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "modbus/answer.h"
#include "modbus/serial.h"

struct addrinfo;
struct eg_error;

#define EG_MODBUS_FRAME_MAX 260 /* bytes of a frame over TCP (Messaging on TCP/IP V1.0b, 3.1.2) */

enum eg_modbus_outcome {
	EG_MODBUS_WAITING,     /* for the connection, or for the answer */
	EG_MODBUS_READ,        /* reg holds the registers */
	EG_MODBUS_EXCEPTION,   /* the device refused: exception */
	EG_MODBUS_UNREACHABLE, /* no connection */
	EG_MODBUS_TROUBLE,     /* no answer, or none to this request */
};

enum eg_modbus_step {
	EG_MODBUS_IDLE,
	EG_MODBUS_OPENING,
	EG_MODBUS_CONNECTING,
	EG_MODBUS_SILENCE, /* in front of a frame on a serial line */
	EG_MODBUS_SENDING,
	EG_MODBUS_ANSWERING,
	EG_MODBUS_STEPS
};

/* Filled by eg_modbus_link_init; the rest is eg_modbus_link's own but for the results. */
struct eg_modbus_link {
	const char *target; /* as the user wrote it */
	int64_t limit_ms;   /* for a connection, and for an answer */
	int64_t silence_ms; /* in front of a frame on a serial line */
	struct eg_modbus_resolver *resolver; /* over TCP */
	struct eg_modbus_serial *serial;     /* or of a serial line */
	struct addrinfo *list, *address;     /* of the host; address: that is tried */
	int fd;             /* -1: not open */
	enum eg_modbus_step step;
	int64_t due;        /* when the step ends, on eg_mono_ms's clock */
	uint16_t id;        /* of the last request */
	struct eg_modbus_request request;
	uint8_t frame[EG_MODBUS_FRAME_MAX];
	size_t len;
	/* Results of eg_modbus_link_work: */
	uint16_t reg[EG_MODBUS_LIMIT];
	int exception;
	int64_t ns;         /* when the answer was there, since the epoch */
	char why[128];      /* of UNREACHABLE and TROUBLE: words for a message */
};

/* Sets the target, which must stay valid: HOST[:PORT] (port 502), [ADDRESS]:PORT, or the path of a
 * serial line, which is set as `line` says. Does not connect. -1 with EG_USAGE; in each case the
 * caller calls eg_modbus_link_free. */
int eg_modbus_link_init(struct eg_modbus_link *l, const char *target,
    const struct eg_modbus_line *line, int64_t limit_ms, struct eg_error *e);

/* Begins a request, whose id is set here. The link must not be busy. */
void eg_modbus_link_ask(struct eg_modbus_link *l, const struct eg_modbus_request *q);

/* Whether a request has no outcome yet. */
bool eg_modbus_link_busy(const struct eg_modbus_link *l);

/* Does what can be done now for the request of eg_modbus_link_ask: connects if need be, sends it,
 * reads the answer. Does not block. Each address of the host, and the answer, has limit_ms. After
 * TROUBLE a connection over TCP is closed, so that a late answer is never taken for the next one. */
enum eg_modbus_outcome eg_modbus_link_work(struct eg_modbus_link *l);

/* A row for eg_wait_fds, and until when to wait, before the next eg_modbus_link_work. */
struct pollfd eg_modbus_link_pollfd(const struct eg_modbus_link *l);
int64_t eg_modbus_link_due(const struct eg_modbus_link *l);

/* Asks and waits: blocks until there is an outcome. WAITING: a signal ended it (base/stop). */
enum eg_modbus_outcome eg_modbus_link_read(struct eg_modbus_link *l,
    const struct eg_modbus_request *q);

void eg_modbus_link_free(struct eg_modbus_link *l);

#endif
