/* SPDX-License-Identifier: MIT */
/* Shared by the decoders of JSON documents. */
#ifndef EG_EMIT_JSON_H
#define EG_EMIT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/json_index.h"

struct eg_emit;

/* A member of an object with the unit of its value; the field for the value, and the unit to
 * convert it to. */
struct eg_quantity {
	const char *member, *field, *unit, *to;
};

/* Parses the message as JSON, which stays valid up to the next message. NULL if it is refused. */
const struct eg_json *eg_emit_json(struct eg_emit *s);

/* Parses the message, and calls decode with its JSON: an object or, if `arrays` is set, an
 * array. -1 if parsing or decode refuses it. */
int eg_emit_document(struct eg_emit *s, bool arrays,
    int (*decode)(struct eg_emit *s, const struct eg_json *o));

/* The value at a path of names, `Body/Data`; NULL if there is none or it is null. */
const struct eg_json *eg_json_at(const struct eg_json *o, const char *path);

/* The string at a path; "" if there is none. */
const char *eg_json_text(const struct eg_json *o, const char *path);

/* Whether the value is a number or a string that contains one, unlike "unknown". */
bool eg_json_is_number(const struct eg_json *value);

/* Copies the text of a string or number to out, with a NUL; cuts what does not fit in size
 * bytes. */
void eg_json_copy(const struct eg_json *v, char *out, size_t size);

/* Emits a number with its unit, converted to `to` (NULL: unchanged). NULL, or JSON null, is not a
 * reading. */
int eg_emit_measured(struct eg_emit *s, const char *group, const char *field,
    const struct eg_json *value, const char *unit, const char *to, int64_t ns);

/* Emits each of the n quantities that the object has. */
int eg_emit_quantities(struct eg_emit *s, const char *group, const struct eg_json *o,
    const struct eg_quantity *q, size_t n, int64_t ns);

/* Reads the time at a path: ISO 8601 text, or a number since 1970 (unit_digits 0: seconds, 3:
 * milliseconds). If there is none, uses the time of arrival. */
int eg_emit_time(struct eg_emit *s, const struct eg_json *o, const char *path, int unit_digits,
    int64_t *ns);

#endif
