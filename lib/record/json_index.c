/* SPDX-License-Identifier: MIT */
#include "record/json_index.h"

#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

/* Appends a value of json-c that has no values in it. */
static bool
add_scalar(struct eg_json_index *x, const char *name, struct json_object *o)
{
	size_t len = 0;
	const char *text = "";

	switch (json_object_get_type(o)) {
	case json_type_boolean:
		text = json_object_get_boolean(o) ? "true" : "false";
		return eg_json_index_push(x, name, EG_JSON_BOOL, text, strlen(text)) != NULL;
	case json_type_int:
		text = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN, &len);
		return eg_json_index_push(x, name, EG_JSON_INT, text, len) != NULL;
	case json_type_double:
		text = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN, &len);
		return eg_json_index_push(x, name, EG_JSON_DOUBLE, text, len) != NULL;
	case json_type_string:
		return eg_json_index_push(x, name, EG_JSON_STRING, json_object_get_string(o),
		    (size_t)json_object_get_string_len(o)) != NULL;
	default:
		return eg_json_index_push(x, name, EG_JSON_NULL, text, len) != NULL;
	}
}

/* Appends a value of json-c, and those in it. */
static bool
add_tree(struct eg_json_index *x, const char *name, struct json_object *o)
{
	const size_t at = x->values;

	if (json_object_is_type(o, json_type_array)) {
		if (eg_json_index_push(x, name, EG_JSON_ARRAY, "", 0) == NULL)
			return false;
		for (size_t i = 0; i < json_object_array_length(o); i++)
			if (!add_tree(x, NULL, json_object_array_get_idx(o, i)))
				return false;
	} else if (json_object_is_type(o, json_type_object)) {
		if (eg_json_index_push(x, name, EG_JSON_OBJECT, "", 0) == NULL)
			return false;
		json_object_object_foreach(o, member, value)
			if (!add_tree(x, member, value))
				return false;
	} else {
		return add_scalar(x, name, o);
	}
	x->value[at].span = (uint32_t)(x->values - at);
	return true;
}

bool
eg_json_index_take(struct eg_json_index *x, struct json_object *o)
{
	json_object_put(x->tree);
	x->tree = o;
	x->values = x->pieces = 0;
	return add_tree(x, NULL, o);
}

enum eg_json_end
eg_json_index_parse(struct eg_json_index *x, const char *text, size_t len, const char **why)
{
	struct json_object *o;
	enum eg_json_end end;

	if (x->tokener == NULL && (x->tokener = eg_json_tokener(DEPTH_MAX)) == NULL)
		return EG_JSON_MEMORY;
	end = eg_json_parse(x->tokener, text, len, &o, why);
	return end == EG_JSON_WHOLE && !eg_json_index_take(x, o) ? EG_JSON_MEMORY : end;
}

void
eg_json_index_free(struct eg_json_index *x)
{
	free(x->value);
	free(x->text);
	free(x->piece);
	free(x->form);
	free(x->next);
	json_object_put(x->tree);
	if (x->tokener != NULL)
		json_tokener_free(x->tokener);
	*x = (struct eg_json_index){ .value = NULL };
}

const struct eg_json *
eg_json_member(const struct eg_json *o, const char *name)
{
	eg_json_each_member(m, o)
		if (*m->name == *name && strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

static long
elements_of(const struct eg_json *o)
{
	long n = 0;

	eg_json_each_element(e, o)
		n++;
	return n;
}

const struct eg_json *
eg_json_element(const struct eg_json *o, long index)
{
	if (index < 0)
		index += elements_of(o);
	eg_json_each_element(e, o)
		if (index-- == 0)
			return e;
	return NULL;
}

int64_t
eg_json_int(const struct eg_json *v)
{
	double d;

	if (v == NULL)
		return 0;
	switch (v->type) {
	case EG_JSON_BOOL:
		return *v->text == 't';
	case EG_JSON_INT:
	case EG_JSON_STRING:
		return strtoll(v->text, NULL, 10);
	case EG_JSON_DOUBLE:
		d = strtod(v->text, NULL);
		return d >= 0x1p63 ? INT64_MAX : d <= -0x1p63 ? INT64_MIN : (int64_t)d;
	default:
		return 0;
	}
}

double
eg_json_double(const struct eg_json *v)
{
	char *end;
	double d;

	if (eg_json_is(v, EG_JSON_BOOL))
		return *v->text == 't';
	if (!eg_json_is_numeric(v) && !eg_json_is(v, EG_JSON_STRING))
		return 0;
	d = strtod(v->text, &end);
	return v->type == EG_JSON_STRING && (end == v->text || *end != '\0' || isinf(d)) ? 0 : d;
}

bool
eg_json_is_true(const struct eg_json *v)
{
	return eg_json_is(v, EG_JSON_STRING) ? v->len > 0 : eg_json_double(v) != 0;
}
