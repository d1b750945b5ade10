/* SPDX-License-Identifier: MIT */
/* The words of a map: names, numbers, orders, widths. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "modbus/map_parts.h"

bool
eg_modbus_is_name(const char *s)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
	size_t len = strlen(s);

	return len > 0 && len <= EG_MODBUS_NAME_MAX && strspn(s, letters) == len;
}

int
eg_modbus_width(enum eg_modbus_type type)
{
	switch (type) {
	case EG_MODBUS_U16:
	case EG_MODBUS_S16:
		return 1;
	case EG_MODBUS_U32:
	case EG_MODBUS_S32:
	case EG_MODBUS_F32:
		return 2;
	default:
		return 4;
	}
}

bool
eg_modbus_number(const char *s, uint64_t max, uint64_t *out)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	const char *digits = hex ? s + 2 : s;
	size_t len = strlen(digits);

	if (len == 0 || len != strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789"))
		return false;
	errno = 0;
	*out = strtoull(digits, NULL, hex ? 16 : 10);
	return errno == 0 && *out <= max;
}

bool
eg_modbus_order(const char *s, bool *swap_words, bool *swap_bytes)
{
	static const char *const orders[] = { "abcd", "cdab", "badc", "dcba" };

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (strcmp(s, orders[i]) == 0) {
			*swap_words = (i & 1) != 0;
			*swap_bytes = (i & 2) != 0;
			return true;
		}
	return false;
}
