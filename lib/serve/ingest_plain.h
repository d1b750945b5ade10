/* SPDX-License-Identifier: MIT */
/* A fast reader for the JSON objects that nearly all sensors send. */
#ifndef EG_INGEST_PLAIN_H
#define EG_INGEST_PLAIN_H

#include <stddef.h>

#include "base/slice.h"

struct eg_ingest_plain {
	struct eg_slice sensor, time, value;
};

/* Reads the object at the beginning of text if its members are numbers and strings without
 * escapes. *p points into text, to the last members named sensor_id, timestamp (may be
 * missing) and value. Returns the object's length. 0: it has another form or is not JSON,
 * and must be parsed. The sensor is not checked for UTF-8. */
size_t eg_ingest_plain_read(const char *text, size_t len, struct eg_ingest_plain *p);

#endif
