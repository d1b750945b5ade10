/* SPDX-License-Identifier: MIT */
/* A serial line for Modbus RTU, opened by libmodbus and locked for this process. Source of frames
 * and times: Modbus over Serial Line V1.02 (2.5.1, 6.2.2). */
#ifndef EG_MODBUS_SERIAL_H
#define EG_MODBUS_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;

#define EG_MODBUS_CRC_SIZE 2

/* The settings of a serial line. */
struct eg_modbus_line {
	int baud;
	int data;    /* data bits: 7 or 8 */
	char parity; /* N, E or O */
	int stop;    /* stop bits: 1 or 2 */
};

#define EG_MODBUS_LINE_USUAL { .baud = 9600, .data = 8, .parity = 'N', .stop = 1 }

struct eg_modbus_serial;

/* Parses BAUD or BAUD,8N1. False: it is neither. */
bool eg_modbus_line_parse(const char *s, struct eg_modbus_line *line);

/* Whether the target is a serial line: a path, which begins with '/'. */
bool eg_modbus_is_line(const char *target);

/* Does not open the line. NULL with EG_USAGE: path is not a serial line. */
struct eg_modbus_serial *eg_modbus_serial_new(const char *path, const struct eg_modbus_line *line,
    struct eg_error *e);

/* Opens and sets the line, without blocking, and locks it: programs that use flock(2) cannot get
 * it, nor can those that open it later, unless they run as root. Returns a non-blocking descriptor,
 * or -1 with *why (static storage). */
int eg_modbus_serial_open(struct eg_modbus_serial *s, const char **why);

/* Drops bytes that have arrived and were not read. */
void eg_modbus_serial_drop(struct eg_modbus_serial *s);

/* Closes an open line. */
void eg_modbus_serial_close(struct eg_modbus_serial *s);

void eg_modbus_serial_free(struct eg_modbus_serial *s);

/* The silence before a frame, in milliseconds, rounded up: 3.5 characters. */
int64_t eg_modbus_serial_silence(const struct eg_modbus_line *line);

/* Appends the checksum of len bytes after them. */
void eg_modbus_crc_put(uint8_t *bytes, size_t len);

/* Whether a frame of len bytes ends with its checksum. */
bool eg_modbus_crc_check(const uint8_t *frame, size_t len);

#endif
