/* SPDX-License-Identifier: MIT */
/* A connection to a Modbus server over TCP, or a serial line: one request at a time, without
 * blocking. libmodbus is used for settings of serial lines only: its functions for TCP wait for a
 * whole answer, so one slow device would delay all others. */
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
	EG_MODBUS_WAITING,     /* no outcome yet: waits for the connection or the answer */
	EG_MODBUS_READ,        /* reg holds the registers */
	EG_MODBUS_EXCEPTION,   /* the device refused: exception */
	EG_MODBUS_UNREACHABLE, /* no connection */
	EG_MODBUS_TROUBLE,     /* no answer, or a wrong one */
};

enum eg_modbus_step {
	EG_MODBUS_IDLE,
	EG_MODBUS_OPENING,
	EG_MODBUS_CONNECTING,
	EG_MODBUS_SILENCE, /* the silence before a frame on a serial line */
	EG_MODBUS_SENDING,
	EG_MODBUS_ANSWERING,
	EG_MODBUS_STEPS
};

/* Filled by eg_modbus_link_init. Private, except for the results. */
struct eg_modbus_link {
	const char *target; /* as the user wrote it */
	int64_t limit_ms;   /* time limit for a connection, and for an answer */
	int64_t silence_ms; /* time before a frame on a serial line */
	struct eg_modbus_resolver *resolver; /* for TCP; NULL otherwise */
	struct eg_modbus_serial *serial;     /* for a serial line; NULL otherwise */
	struct addrinfo *list, *address;     /* addresses of the host; address: the current one */
	int fd;             /* -1: not open */
	enum eg_modbus_step step;
	int64_t due;        /* time limit of the current step (eg_mono_ms) */
	uint16_t id;        /* of the last request */
	struct eg_modbus_request request;
	uint8_t frame[EG_MODBUS_FRAME_MAX];
	size_t len;
	/* Results of eg_modbus_link_work: */
	uint16_t reg[EG_MODBUS_LIMIT];
	int exception;
	int64_t ns;         /* arrival of the answer, nanoseconds since 1970 */
	char why[128];      /* reason for UNREACHABLE and TROUBLE */
};

/* Sets the target, which must stay valid: HOST[:PORT] (port 502), [ADDRESS]:PORT, or the path of a
 * serial line, for which `line` has the settings. Does not connect. -1 with EG_USAGE. The caller
 * has to call eg_modbus_link_free in both cases. */
int eg_modbus_link_init(struct eg_modbus_link *l, const char *target,
    const struct eg_modbus_line *line, int64_t limit_ms, struct eg_error *e);

/* Begins a request and sets its id. The link must not be busy. */
void eg_modbus_link_ask(struct eg_modbus_link *l, const struct eg_modbus_request *q);

/* Whether a request has no outcome yet. */
bool eg_modbus_link_busy(const struct eg_modbus_link *l);

/* Does the work that is due for the request of eg_modbus_link_ask: connects if necessary, sends it,
 * reads the answer. Does not block. The time limit limit_ms applies to each address of the host,
 * and to the answer. After TROUBLE a connection over TCP is closed, so that a late answer is not
 * taken for the next one. */
enum eg_modbus_outcome eg_modbus_link_work(struct eg_modbus_link *l);

/* What to wait for, with eg_wait_fds, before the next eg_modbus_link_work, and until when. */
struct pollfd eg_modbus_link_pollfd(const struct eg_modbus_link *l);
int64_t eg_modbus_link_due(const struct eg_modbus_link *l);

/* Sends a request and blocks until its outcome. WAITING: a signal ended the wait (base/stop). */
enum eg_modbus_outcome eg_modbus_link_read(struct eg_modbus_link *l,
    const struct eg_modbus_request *q);

void eg_modbus_link_free(struct eg_modbus_link *l);

#endif
