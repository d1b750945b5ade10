/* SPDX-License-Identifier: MIT */
/* What a message's body looks like: a JSON object for one record, or native lines. */
#ifndef EG_MESSAGE_H
#define EG_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "record/record.h"

#define EG_TYPE_JSON "application/json"
#define EG_TYPE_LINES "text/plain"
#define EG_TYPE_NDJSON "application/x-ndjson"

/* A record's JSON body is at most this long: every byte of the key may be escaped. */
#define EG_JSON_MAX (2 * EG_LINE_MAX + 32)

/* Writes r as `{"key":"sensor1:2026-11-23T14:18:36","value":55.21}` (RFC 8259; the
 * value's text is kept wherever JSON allows it). Returns the bytes written, no NUL. */
size_t eg_message_json(const struct eg_record *r, char out[EG_JSON_MAX]);

/* Reads such an object (members in any order, others ignored, the last of a name
 * counts) into a line with its newline. The number's text is kept. NULL when all is
 * well, else why not, in words (static storage). body needs no NUL. */
const char *eg_message_parse_json(const char *body, size_t len, char line[EG_LINE_MAX + 1],
    size_t *line_len);

/* The length of the first item of a JSON text that begins with no white space, where
 * several may follow each other, as lines (NDJSON) or not: of an object, if only white
 * space or another object follows it; else up to a line that begins an object, or len. */
size_t eg_message_item(const char *body, size_t len);

/* Whether the body is JSON: its content type says so, or, without a type that we
 * know, its first byte that is not white space is '{' or '['. Of text/plain it is
 * JSON if it begins with '{' and its first line is no record. */
bool eg_message_is_json(const char *type, size_t type_len, const char *body, size_t len);

#endif
