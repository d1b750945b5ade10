/* SPDX-License-Identifier: MIT */
/* Patterns for sensors. */
#include "record/pattern.h"

#include <string.h>

#include "record/record.h"

const char *
eg_pattern_fault(const char *pattern)
{
	/* A class such as [[:digit:]] has colons, too. */
	if (strchr(pattern, ':') != NULL && strchr(pattern, '[') == NULL)
		return "a sensor holds no colon";
	return strlen(pattern) > EG_SENSOR_MAX ? "a pattern has at most 255 bytes" : NULL;
}
