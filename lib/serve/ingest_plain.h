/* SPDX-License-Identifier: MIT */
/* The objects that nearly every sensor sends, read without a parser's tree. */
#ifndef EG_INGEST_PLAIN_H
#define EG_INGEST_PLAIN_H

#include <stddef.h>

#include "base/slice.h"

struct eg_ingest_plain {
	struct eg_slice sensor, time, value;
};

/* Reads the object that text begins with, of strings without escapes and numbers: *p
 * points to the last members called sensor_id, timestamp (may be missing) and value.
 * Returns its length; 0: it is something else, or not JSON; a parser has to tell. A
 * sensor may still not be UTF-8. */
size_t eg_ingest_plain_read(const char *text, size_t len, struct eg_ingest_plain *p);

#endif
