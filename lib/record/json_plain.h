/* SPDX-License-Identifier: MIT */
/* The numbers and strings that the fast reader of JSON takes. For json_scan.c and json_alike.c
 * alone. Behind the text are 8 bytes of NUL, up to `end`. */
#ifndef EG_JSON_PLAIN_H
#define EG_JSON_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "record/json_index.h"
#include "record/json_token.h"

enum {
	EG_JSON_PADDING = 8,    /* bytes of NUL behind the text */
	EG_JSON_WHOLE_MAX = 18, /* bytes of a whole number: it fits in 64 bits */
};

/* What stands in a message between two values: from behind a number or the last quote of a string
 * to a number or behind the first quote of a string. The last piece ends the message. */
struct eg_json_piece {
	uint32_t at, len; /* in form */
	uint32_t value;   /* in the array of the index */
};

/* Reads the text as one of the form of the message before it. Returns false if it has another
 * form, or is no text for the fast reader; the array is then undefined. */
bool eg_json_alike(struct eg_json_index *x, const char *text, size_t len);

/* Whether the text is UTF-8 of characters up to U+FFFF. json-c replaces some of those above. */
bool eg_json_plain_utf8(const char *p, const char *end);

/* The quote that ends the string whose first byte is at p; NULL: it is not taken. */
static inline const char *
eg_json_plain_string(const char *p, const char *end)
{
	bool ascii = true;
	const char *quote = eg_json_string_end(p, end, &ascii);

	return quote == NULL || ascii || eg_json_plain_utf8(p, quote) ? quote : NULL;
}

/* The end of the number at p; NULL: it is not taken. */
static inline const char *
eg_json_plain_number(const char *p, const char *end, enum eg_json_type *type)
{
	bool whole;
	const char *behind = eg_json_number_end(p, end, &whole);

	/* json-c writes -0 without its sign. */
	if (behind == NULL ||
	    (whole && (behind - p > EG_JSON_WHOLE_MAX || (*p == '-' && p[1] == '0'))))
		return NULL;
	*type = whole ? EG_JSON_INT : EG_JSON_DOUBLE;
	return behind;
}

#endif
