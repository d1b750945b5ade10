/* SPDX-License-Identifier: MIT */
/* A fast reader for the JSON objects that nearly all sensors send. */
#ifndef EG_INGEST_PLAIN_H
#define EG_INGEST_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct eg_ingest_plain {
	struct eg_slice sensor, time, value;
	struct eg_slice object; /* the text in which they stand */
	bool in_order; /* as above, and none is missing */
	bool plain;    /* the sensor is printable ASCII without a colon and no comment; the value is
			* short and has no exponent */
};

/* Reads the object at the beginning of text if its members are numbers and strings without
 * escapes. *p points into text, to the last members named sensor_id, timestamp (may be
 * missing) and value. Returns the object's length. 0: it has another form or is not JSON,
 * and must be parsed. The sensor is not checked for UTF-8. Before, *p is an object that was read
 * earlier in the same text, which makes one like it faster to read, or all zero. */
size_t eg_ingest_plain_read(const char *text, size_t len, struct eg_ingest_plain *p);

#endif
