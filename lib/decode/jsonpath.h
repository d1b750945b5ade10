/* SPDX-License-Identifier: MIT */
/* A path into a JSON document, written as in jq: `.a.b[0]`, `."a b"`, `.["a"]`, `.`. */
#ifndef EG_JSONPATH_H
#define EG_JSONPATH_H

#include <stdbool.h>

struct eg_jsonpath;
struct json_object;

/* NULL when text is not a path (or memory is out). */
struct eg_jsonpath *eg_jsonpath_new(const char *text);
void eg_jsonpath_free(struct eg_jsonpath *p);

/* What stands there, which stays the document's; NULL: nothing, or null. An index below
 * 0 counts from the end. */
struct json_object *eg_jsonpath_find(const struct eg_jsonpath *p, struct json_object *o);

/* Whether something stands there, be it null. */
bool eg_jsonpath_exists(const struct eg_jsonpath *p, struct json_object *o);

#endif
