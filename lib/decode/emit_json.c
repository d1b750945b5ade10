/* SPDX-License-Identifier: MIT */
/* Shared by the decoders of JSON documents. */
#include "decode/emit_json.h"

#include <string.h>

#include "base/number.h"
#include "decode/emit.h"

int
eg_emit_document(struct eg_emit *s, bool arrays,
    int (*decode)(struct eg_emit *s, struct json_object *o))
{
	struct json_object *o = eg_emit_json(s);
	int rc;

	if (o == NULL)
		return -1;
	if (json_object_is_type(o, json_type_object) ||
	    (arrays && json_object_is_type(o, json_type_array)))
		rc = decode(s, o);
	else
		rc = eg_emit_refuse(s, "the JSON is not an object");
	json_object_put(o);
	return rc;
}

struct json_object *
eg_json_at(struct json_object *o, const char *path)
{
	char name[64];

	for (const char *end; o != NULL && *path != '\0'; path = *end == '/' ? end + 1 : end) {
		size_t n;

		end = strchrnul(path, '/');
		n = (size_t)(end - path);
		if (n >= sizeof(name) || !json_object_is_type(o, json_type_object))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		if (!json_object_object_get_ex(o, name, &o))
			return NULL;
	}
	return o;
}

const char *
eg_json_text(struct json_object *o, const char *path)
{
	o = eg_json_at(o, path);
	return json_object_is_type(o, json_type_string) ? json_object_get_string(o) : "";
}

bool
eg_json_is_number(struct json_object *value)
{
	const char *text;
	size_t len;

	if (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double))
		return true;
	if (!json_object_is_type(value, json_type_string))
		return false;
	text = json_object_get_string(value);
	len = (size_t)json_object_get_string_len(value);
	return eg_decimal_check(text, len) == EG_NUMBER_OK;
}

int
eg_emit_measured(struct eg_emit *s, const char *group, const char *field,
    struct json_object *value, const char *unit, const char *to, int64_t ns)
{
	const char *text = "";
	size_t len = 0;

	if (value == NULL)
		return 0;
	if (eg_emit_number(s, field, value, &text, &len) != 0)
		return -1;
	if (to == NULL)
		return eg_emit_put(s, group, field, text, len, ns);
	return eg_emit_quantity(s, group, field, text, len, unit, strlen(unit), to, ns);
}

int
eg_emit_quantities(struct eg_emit *s, const char *group, struct json_object *o,
    const struct eg_quantity *q, size_t n, int64_t ns)
{
	for (size_t i = 0; i < n; i++)
		if (eg_emit_measured(s, group, q[i].field, eg_json_at(o, q[i].member), q[i].unit,
		        q[i].to, ns) != 0)
			return -1;
	return 0;
}

int
eg_emit_time(struct eg_emit *s, struct json_object *o, const char *path, int unit_digits,
    int64_t *ns)
{
	struct json_object *time = eg_json_at(o, path);
	const char *text;
	size_t len;

	*ns = s->m->arrived;
	if (time == NULL)
		return 0;
	if (eg_emit_number(s, path, time, &text, &len) != 0)
		return -1;
	return json_object_is_type(time, json_type_string) && memchr(text, ':', len) != NULL
	    ? eg_emit_stamp(s, text, len, ns)
	    : eg_emit_epoch(s, text, len, unit_digits, ns);
}
