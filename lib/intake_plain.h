/* SPDX-License-Identifier: MIT */
/* The objects that nearly every sensor sends, read without a parser's tree. */
#ifndef EG_INTAKE_PLAIN_H
#define EG_INTAKE_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

struct eg_stretch {
	const char *s; /* NULL: it is not there */
	size_t len;
};

struct eg_plain {
	struct eg_stretch sensor, time, value;
};

/* Reads all of text, an object of strings without escapes and numbers: *p points to the
 * last members called sensor_id, timestamp (may be missing) and value. False: it is
 * something else, or not JSON; a parser has to tell. A sensor may still not be UTF-8. */
bool eg_plain_read(const char *text, size_t len, struct eg_plain *p);

#endif
