/* SPDX-License-Identifier: MIT */
/* What the decoders of JSON documents share. */
#ifndef EG_EMIT_JSON_H
#define EG_EMIT_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_emit;

/* A member of an object, the unit of its value, and where this goes: the field, converted to
 * the unit `to`. */
struct eg_quantity {
	const char *member, *field, *unit, *to;
};

/* Parses the message, and calls decode with its JSON: an object, or an array where `arrays` is
 * set. -1: refused, by either. */
int eg_emit_document(struct eg_emit *s, bool arrays,
    int (*decode)(struct eg_emit *s, struct json_object *o));

/* The value at a path of names, `Body/Data`; NULL: there is none, or it is null. */
struct json_object *eg_json_at(struct json_object *o, const char *path);

/* The string at a path; "" when there is none. */
const char *eg_json_text(struct json_object *o, const char *path);

/* Whether the value is a number, or a string that holds one: not "unknown" and the like. */
bool eg_json_is_number(struct json_object *value);

/* Emits a number with its unit, converted to `to` (NULL: as it is). NULL is no reading. */
int eg_emit_measured(struct eg_emit *s, const char *group, const char *field,
    struct json_object *value, const char *unit, const char *to, int64_t ns);

/* The same for each of the n quantities that the object has. */
int eg_emit_quantities(struct eg_emit *s, const char *group, struct json_object *o,
    const struct eg_quantity *q, size_t n, int64_t ns);

/* Reads the time at a path: text of ISO 8601, or seconds since 1970 (unit_digits 0; 3:
 * milliseconds). Where there is none, that of the arrival. */
int eg_emit_time(struct eg_emit *s, struct json_object *o, const char *path, int unit_digits,
    int64_t *ns);

#endif
