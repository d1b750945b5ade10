/* SPDX-License-Identifier: MIT */
/* A path into a JSON document, written as in jq: `.a.b[0]`, `."a b"`, `.["a"]`, `.`. */
#ifndef EG_JSONPATH_H
#define EG_JSONPATH_H

#include <stdbool.h>

struct eg_jsonpath;
struct eg_json;

/* Parses a path. NULL if text is not a path, or memory runs out. */
struct eg_jsonpath *eg_jsonpath_new(const char *text);
void eg_jsonpath_free(struct eg_jsonpath *p);

/* The value at the path in o, which the document owns; NULL if there is none or it is null. A
 * negative index counts from the end of the array. */
const struct eg_json *eg_jsonpath_find(const struct eg_jsonpath *p, const struct eg_json *o);

/* Whether o has a value at the path; null counts as a value. */
bool eg_jsonpath_exists(const struct eg_jsonpath *p, const struct eg_json *o);

#endif
