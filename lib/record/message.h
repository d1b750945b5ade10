/* SPDX-License-Identifier: MIT */
/* The forms of a message's body: a JSON object for one record, or record lines. */
#ifndef EG_MESSAGE_H
#define EG_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "record/record.h"

#define EG_TYPE_JSON "application/json"
#define EG_TYPE_LINES "text/plain"
#define EG_TYPE_NDJSON "application/x-ndjson"

/* Largest JSON body of a record: each byte of the key may be escaped. */
#define EG_JSON_MAX (2 * EG_LINE_MAX + 32)

/* Writes r as `{"key":"sensor1:2026-11-23T14:18:36","value":55.21}` (RFC 8259). Keeps the
 * value's text where JSON allows it. Returns the bytes written, without a NUL. */
size_t eg_message_json(const struct eg_record *r, char out[EG_JSON_MAX]);

/* Converts such an object to a record line with a newline. Members may be in any order, others
 * are ignored, and the last one of a name counts. The number's text is kept. Returns NULL, or
 * the reason for the failure as text (static storage). body needs no NUL. */
const char *eg_message_parse_json(const char *body, size_t len, char line[EG_LINE_MAX + 1],
    size_t *line_len);

/* The length of the first object in JSON text that does not begin with white space. Objects may
 * follow each other on lines (NDJSON) or directly. If something other than white space or an
 * object follows, the length reaches to the next line that begins an object, or is len. */
size_t eg_message_item(const char *body, size_t len);

/* Whether the body is JSON. Its content type decides. Without a known type, it is JSON if its
 * first byte after white space is '{' or '['. A body of type text/plain is JSON if it begins
 * with '{' and its first line is not a record. */
bool eg_message_is_json(const char *type, size_t type_len, const char *body, size_t len);

#endif
