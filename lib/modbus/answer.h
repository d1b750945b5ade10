/* SPDX-License-Identifier: MIT */
/* A request for registers, and the check whether a frame is its answer. Source: Modbus
 * Application Protocol V1.1b3 (6.3, 6.4, 7) and Messaging on TCP/IP V1.0b (3.1). */
#ifndef EG_MODBUS_ANSWER_H
#define EG_MODBUS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modbus/map.h"

#define EG_MODBUS_REQUEST_SIZE 12 /* size of a request over TCP in bytes */

struct eg_modbus_request {
	uint16_t id; /* transaction identifier, for TCP */
	int unit;
	enum eg_modbus_table table;
	int start, count; /* count: 1 to EG_MODBUS_LIMIT */
};

/* Writes the request with TCP's header. On a serial line, omit the first 6 bytes and add a
 * checksum. */
void eg_modbus_request_put(const struct eg_modbus_request *q, uint8_t out[EG_MODBUS_REQUEST_SIZE]);

/* The size of the frame that begins with these len bytes. If they do not show it yet, the number
 * of bytes needed to continue. TCP: 6 to 65541 bytes, with TCP's header. Serial line: 3 to 260
 * bytes, with the checksum. */
size_t eg_modbus_tcp_size(const uint8_t *frame, size_t len);
size_t eg_modbus_line_size(const uint8_t *frame, size_t len);

/* Checks len bytes of a frame: of TCP, or of a serial line (its checksum was verified before).
 * NULL: it answers q. Then *exception is 0 and reg holds q->count registers, or *exception is the
 * code that the device gave, 1 to 255. Otherwise what is wrong with the frame; static. */
const char *eg_modbus_answer(const struct eg_modbus_request *q, bool tcp, const uint8_t *frame,
    size_t len, uint16_t *reg, int *exception);

/* Whether another attempt is useless: illegal function, address or value. Other codes are
 * temporary. */
bool eg_modbus_lasting(int exception);

/* An exception code in words. Static. */
const char *eg_modbus_exception(int code);

#endif
