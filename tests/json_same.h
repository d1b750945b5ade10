/* SPDX-License-Identifier: MIT */
/* Shared by the unit test and the fuzzer: the fast reader of JSON against json-c. */
#ifndef EG_JSON_SAME_H
#define EG_JSON_SAME_H

#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "record/json_index.h"

static inline bool
same_value(const struct eg_json *a, const struct eg_json *b)
{
	if (a->type != b->type || a->span != b->span || a->len != b->len ||
	    (a->name == NULL) != (b->name == NULL) || memcmp(a->text, b->text, a->len) != 0)
		return false;
	if (a->type == EG_JSON_STRING && (a->text[a->len] != '\0' || b->text[b->len] != '\0'))
		return false;
	return a->name == NULL || strcmp(a->name, b->name) == 0;
}

/* Whether the fast reader leaves the text to json-c, or reads in it what json-c reads. */
static inline bool
reads_as_json_c(struct eg_json_index *fast, const char *text, size_t len)
{
	struct json_tokener *tok = eg_json_tokener(32);
	struct eg_json_index slow = { .value = NULL };
	struct json_object *o;
	const char *why;
	bool same = true;

	if (eg_json_index_scan(fast, text, len)) {
		same = eg_json_parse(tok, text, len, &o, &why) == EG_JSON_WHOLE &&
		    eg_json_index_take(&slow, o) && slow.values == fast->values;
		for (size_t i = 0; same && i < slow.values; i++)
			same = same_value(&fast->value[i], &slow.value[i]);
	}
	json_tokener_free(tok);
	eg_json_index_free(&slow);
	return same;
}

#endif
