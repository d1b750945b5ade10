/* SPDX-License-Identifier: MIT */
/* JSON text to json-c's objects, with the same result in each version of json-c. For a message of
 * one record, whose value must keep all its digits: its caller takes them from the text, with
 * record/json_text.h. All other text is for record/json_index.h, which calls this reader for what
 * it does not read itself. */
#ifndef EG_JSON_PARSE_H
#define EG_JSON_PARSE_H

#include <stddef.h>

struct json_object;
struct json_tokener;

/* A strict parser of values of at most so many levels; free it with json_tokener_free. NULL: out
 * of memory. */
struct json_tokener *eg_json_tokener(int depth);

enum eg_json_end {
	EG_JSON_WHOLE,
	EG_JSON_MEMORY,   /* no memory is left */
	EG_JSON_DEEP,     /* more levels than tok takes */
	EG_JSON_CUT,      /* the text ends within the value */
	EG_JSON_FOLLOWED, /* something follows the value */
	EG_JSON_BAD,      /* no JSON, or not UTF-8 */
};

/* Parses text, which is one JSON value in UTF-8. Sets *o, which the caller puts; it is NULL for
 * null and for all but EG_JSON_WHOLE. *why: for EG_JSON_BAD the reason, which is not freed.
 * json-c from 0.17 on refuses what older ones take, and what is taken here:
 * - a whole number beyond 64 bits; it becomes the limit, INT64_MIN or UINT64_MAX. The text is what
 *   has its digits (record/json_text.h);
 * - a control character in a string, which RFC 8259, section 7, wants escaped;
 * - any character beyond ASCII in a string, since it compares a signed char with U+001F.
 * These are given to json-c as escapes. */
enum eg_json_end eg_json_parse(struct json_tokener *tok, const char *text, size_t len,
    struct json_object **o, const char **why);

#endif
