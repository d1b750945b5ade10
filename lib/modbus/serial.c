/* SPDX-License-Identifier: MIT */
#include "modbus/serial.h"

#include <errno.h>
#include <modbus/modbus.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/diag.h"

struct eg_modbus_serial {
	modbus_t *ctx;
};

/* Bits of a character (2.5.1): start, 8 of data, parity or a second stop bit, stop. */
enum { BITS = 11 };

struct eg_modbus_serial *
eg_modbus_serial_new(const char *path, const struct eg_modbus_line *line, struct eg_error *e)
{
	struct eg_modbus_serial *s;
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISCHR(st.st_mode)) {
		eg_fail(e, EG_USAGE, "'%s' is no serial line", path);
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (s != NULL)
		s->ctx = modbus_new_rtu(path, line->baud, line->parity, line->data, line->stop);
	if (s == NULL || s->ctx == NULL) {
		eg_fail(e, EG_BUG, "libmodbus: %s", modbus_strerror(errno));
		free(s);
		return NULL;
	}
	return s;
}

int
eg_modbus_serial_open(struct eg_modbus_serial *s, const char **why)
{
	int fd;

	errno = 0;
	if (modbus_connect(s->ctx) != 0) {
		*why = errno == EBUSY ? "another program uses it" : modbus_strerror(errno);
		return -1;
	}
	fd = modbus_get_socket(s->ctx);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		*why = "another program uses it";
		modbus_close(s->ctx);
		return -1;
	}
	(void)ioctl(fd, TIOCEXCL);
	return fd;
}

void
eg_modbus_serial_drop(struct eg_modbus_serial *s)
{
	(void)modbus_flush(s->ctx);
}

void
eg_modbus_serial_close(struct eg_modbus_serial *s)
{
	(void)ioctl(modbus_get_socket(s->ctx), TIOCNXCL);
	modbus_close(s->ctx);
}

void
eg_modbus_serial_free(struct eg_modbus_serial *s)
{
	if (s == NULL)
		return;
	modbus_free(s->ctx);
	free(s);
}

int64_t
eg_modbus_serial_silence(const struct eg_modbus_line *line)
{
	/* 3.5 characters of 11 bits, in ms; 1 ms for rounding, 1 ms for the clock. */
	return 3500 * BITS / line->baud + 2;
}

/* The polynomial and the order of the bytes are those of 6.2.2. */
static uint16_t
crc(const uint8_t *p, size_t len)
{
	uint16_t sum = 0xffff;

	for (; len > 0; len--, p++) {
		sum ^= *p;
		for (int bit = 0; bit < 8; bit++)
			sum = (uint16_t)(sum >> 1 ^ ((sum & 1) != 0 ? 0xa001 : 0));
	}
	return sum;
}

void
eg_modbus_crc_put(uint8_t *bytes, size_t len)
{
	uint16_t sum = crc(bytes, len);

	bytes[len] = (uint8_t)sum;
	bytes[len + 1] = (uint8_t)(sum >> 8);
}

bool
eg_modbus_crc_check(const uint8_t *frame, size_t len)
{
	uint8_t want[EG_MODBUS_CRC_SIZE];
	uint16_t sum;

	if (len < EG_MODBUS_CRC_SIZE)
		return false;
	sum = crc(frame, len - EG_MODBUS_CRC_SIZE);
	want[0] = (uint8_t)sum;
	want[1] = (uint8_t)(sum >> 8);
	return memcmp(frame + len - EG_MODBUS_CRC_SIZE, want, sizeof(want)) == 0;
}
