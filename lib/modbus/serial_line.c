/* SPDX-License-Identifier: MIT */
/* The settings of a serial line, in words. */
#include <stdlib.h>
#include <string.h>

#include "modbus/serial.h"

bool
eg_modbus_is_line(const char *target)
{
	return *target == '/';
}

bool
eg_modbus_line_parse(const char *s, struct eg_modbus_line *line)
{
	static const int rates[] = { 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200 };
	char *rest;
	long baud = *s >= '0' && *s <= '9' ? strtol(s, &rest, 10) : 0;
	bool known = false;

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
		known = known || rates[i] == baud;
	if (!known)
		return false;
	*line = (struct eg_modbus_line){ .baud = (int)baud, .data = 8, .parity = 'N', .stop = 1 };
	if (*rest == '\0')
		return true;
	if (strlen(rest) != 4 || rest[0] != ',' || strchr("78", rest[1]) == NULL ||
	    strchr("NEO", rest[2]) == NULL || strchr("12", rest[3]) == NULL)
		return false;
	line->data = rest[1] - '0';
	line->parity = rest[2];
	line->stop = rest[3] - '0';
	return true;
}
