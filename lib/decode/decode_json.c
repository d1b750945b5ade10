/* SPDX-License-Identifier: MIT */
/* Any JSON document; the options give the paths of sensor, time and values. */
#include <string.h>

#include "decode/emit.h"
#include "decode/jsonpath.h"

static int
read_device(struct eg_emit *s, struct json_object *o)
{
	struct json_object *name;
	const char *text;
	size_t len;

	if (s->sensor == NULL)
		return eg_emit_device(s, s->m->topic, s->m->topic_len);
	name = eg_jsonpath_find(s->sensor, o);
	if (name == NULL)
		return eg_emit_refuse(s, "there is nothing at --sensor-path");
	if (!json_object_is_type(name, json_type_string) &&
	    !json_object_is_type(name, json_type_int))
		return eg_emit_refuse(s, "neither text nor a whole number is at --sensor-path");
	if (eg_emit_number(s, "sensor", name, &text, &len) != 0)
		return -1;
	return eg_emit_device(s, text, len);
}

/* The number of decimal digits after the second for a unit: s 0, ms 3, us 6, ns 9. */
static int
unit_digits(const char *unit)
{
	if (unit == NULL || strcmp(unit, "s") == 0)
		return 0;
	return strcmp(unit, "ms") == 0 ? 3 : strcmp(unit, "us") == 0 ? 6 : 9;
}

static int
read_time(struct eg_emit *s, struct json_object *o, int64_t *ns)
{
	struct json_object *time = s->time != NULL ? eg_jsonpath_find(s->time, o) : NULL;
	const char *text;
	size_t len;

	if (time == NULL)
		return eg_emit_timeless(s, ns);
	if (eg_emit_number(s, "time", time, &text, &len) != 0)
		return -1;
	if (json_object_is_type(time, json_type_string) && memchr(text, ':', len) != NULL)
		return eg_emit_stamp(s, text, len, ns);
	return eg_emit_epoch(s, text, len, unit_digits(s->cfg->time_unit), ns);
}

static int
decode_document(struct eg_emit *s, struct json_object *o)
{
	bool found = false;
	int64_t ns;

	if (read_device(s, o) != 0 || read_time(s, o, &ns) != 0)
		return -1;
	for (size_t i = 0; i < s->cfg->values; i++) {
		if (eg_emit_value(s, NULL, s->wanted[i].name,
		        eg_jsonpath_find(s->wanted[i].path, o), ns) != 0)
			return -1;
		found |= eg_jsonpath_exists(s->wanted[i].path, o);
	}
	/* A message without any of the values is refused: the paths are probably wrong. A value of
	 * null is accepted, and gives no record. */
	if (!found)
		return eg_emit_refuse(s, "there is nothing at any --value");
	return 0;
}

int
eg_decode_json(struct eg_emit *s)
{
	struct json_object *o = eg_emit_json(s);
	int rc = o != NULL ? 0 : -1;

	if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o) && rc == 0; i++)
			rc = decode_document(s, json_object_array_get_idx(o, i));
	} else if (o != NULL) {
		rc = decode_document(s, o);
	}
	json_object_put(o);
	return rc;
}
