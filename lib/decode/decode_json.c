/* SPDX-License-Identifier: MIT */
/* Any JSON document; the options give the paths of sensor, time and values. */
#include <string.h>

#include "decode/emit.h"
#include "decode/emit_json.h"
#include "decode/jsonpath.h"

static int
read_device(struct eg_emit *s, const struct eg_json *o)
{
	const struct eg_json *name;
	const char *text;
	size_t len;

	if (s->sensor == NULL)
		return eg_emit_device(s, s->m->topic, s->m->topic_len);
	name = eg_jsonpath_find(s->sensor, o);
	if (name == NULL)
		return eg_emit_refuse(s, "there is nothing at --sensor-path");
	if (!eg_json_is(name, EG_JSON_STRING) &&
	    !eg_json_is(name, EG_JSON_INT))
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
read_time(struct eg_emit *s, const struct eg_json *o, int64_t *ns)
{
	const struct eg_json *time = s->time != NULL ? eg_jsonpath_find(s->time, o) : NULL;
	const char *text;
	size_t len;

	if (time == NULL)
		return eg_emit_timeless(s, ns);
	if (eg_emit_number(s, "time", time, &text, &len) != 0)
		return -1;
	if (eg_json_is(time, EG_JSON_STRING) && memchr(text, ':', len) != NULL)
		return eg_emit_stamp(s, text, len, ns);
	return eg_emit_epoch(s, text, len, unit_digits(s->cfg->time_unit), ns);
}

static int
decode_document(struct eg_emit *s, const struct eg_json *o)
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
	const struct eg_json *o = eg_emit_json(s);

	if (o == NULL)
		return -1;
	if (!eg_json_is(o, EG_JSON_ARRAY))
		return decode_document(s, o);
	eg_json_each_element(e, o)
		if (decode_document(s, e) != 0)
			return -1;
	return 0;
}
