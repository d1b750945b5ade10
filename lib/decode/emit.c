/* SPDX-License-Identifier: MIT */
/* Functions that all decoders share: collect the records of a message. */
#include "decode/emit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"
#include "decode/unit.h"
#include "record/json_parse.h"
#include "record/json_text.h"

enum { DEPTH_MAX = 32 };

int
eg_emit_refuse(struct eg_emit *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->reason, sizeof(s->reason), fmt, ap);
	va_end(ap);
	return -1;
}

/* Whether the byte can be used unchanged in a sensor's name; '%' cannot, since it begins %XX. */
static bool
is_safe(unsigned char c, size_t at, bool ascii)
{
	return c >= ' ' && c != 0x7f && c != ':' && c != '%' && !(c == '#' && at == 0) &&
	    !(ascii && c >= 0x80);
}

/* Appends name to the device. Returns false if there is no room. */
static bool
append_safe(struct eg_emit *s, const char *name, size_t len, bool ascii)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];
		bool safe = is_safe(c, s->device_len, ascii);

		if (s->device_len + (safe ? 1 : 3) > EG_SENSOR_MAX)
			return false;
		if (safe) {
			s->device[s->device_len++] = (char)c;
			continue;
		}
		s->device[s->device_len++] = '%';
		s->device[s->device_len++] = hex[c >> 4];
		s->device[s->device_len++] = hex[c & 15];
	}
	return true;
}

/* Whether the name is valid in a record. Only the record's parser checks UTF-8. */
static bool
is_sensor(const char *name, size_t len)
{
	static const char rest[] = ":1970-01-01T00:00:00:0";
	char line[EG_SENSOR_MAX + sizeof(rest)];
	struct eg_record r;

	memcpy(line, name, len);
	memcpy(line + len, rest, sizeof(rest) - 1);
	return eg_record_parse(line, len + sizeof(rest) - 1, &r) == EG_FAULT_NONE;
}

const char *
eg_emit_given(const struct eg_emit *s)
{
	return s->m->sensor != NULL ? s->m->sensor : s->cfg->sensor;
}

int
eg_emit_device(struct eg_emit *s, const char *name, size_t len)
{
	const char *given = eg_emit_given(s);
	const char *prefix = s->cfg->prefix != NULL ? s->cfg->prefix : "";

	if (given != NULL) {
		name = given;
		len = strlen(name);
	} else if (len == 0) {
		name = s->m->from;
		len = s->m->from_len;
	}
	if (len == 0)
		return eg_emit_refuse(s, "nothing names the device");
	for (int ascii = 0; ascii < 2; ascii++) {
		s->device_len = 0;
		if (!append_safe(s, prefix, strlen(prefix), ascii != 0) ||
		    !append_safe(s, name, len, ascii != 0))
			return eg_emit_refuse(s, "the device's name is too long for a sensor");
		if (is_sensor(s->device, s->device_len))
			break;
	}
	return 0;
}

int
eg_emit_name(struct eg_emit *s, const char *name, size_t len)
{
	const char *prefix = s->cfg->prefix != NULL ? s->cfg->prefix : "";

	s->device_len = 0;
	if (!append_safe(s, prefix, strlen(prefix), false) || len > EG_SENSOR_MAX - s->device_len)
		return eg_emit_refuse(s, "%s", eg_fault_text(EG_FAULT_SENSOR_LONG));
	memcpy(s->device + s->device_len, name, len);
	s->device_len += len;
	return 0;
}

static int
make_room(struct eg_emit *s)
{
	if (eg_buf_grow(&s->lines, &s->room, s->len + EG_LINE_MAX + 1, 1))
		return 0;
	s->no_memory = true;
	return -1;
}

void
eg_emit_pass_over(struct eg_emit *s, const char *name, size_t len)
{
	uint64_t h = XXH3_64bits(name, len);
	size_t n = strlen(s->unknown);

	s->passed_over++;
	for (size_t i = 0; i < s->nameds; i++)
		if (s->named[i] == h)
			return;
	if (s->nameds == EG_EMIT_NAMED || n + len + 3 > sizeof(s->unknown))
		return;
	s->named[s->nameds++] = h;
	snprintf(s->unknown + n, sizeof(s->unknown) - n, "%s%.*s", n > 0 ? ", " : "", (int)len, name);
}

int
eg_emit_put(struct eg_emit *s, const char *group, const char *field, const char *value,
    size_t len, int64_t ns)
{
	char time[EG_TIME_SIZE], sensor[EG_SENSOR_MAX + 1], *line, *end = NULL;
	struct eg_record r;
	enum eg_fault fault = EG_FAULT_VALUE_LONG;
	int n;

	if (make_room(s) != 0)
		return -1;
	line = s->lines + s->len;
	if (!eg_clock_is_set(ns, s->m->arrived)) {
		eg_time_format(ns, time);
		if (!s->cfg->now)
			return eg_emit_refuse(s, "the device's clock is not set: it says %s", time);
		ns = s->m->arrived;
	}
	n = snprintf(sensor, sizeof(sensor), "%.*s%s%s%s%s", (int)s->device_len, s->device,
	    group != NULL ? "/" : "", group != NULL ? group : "", *field != '\0' ? "/" : "", field);
	if (n > EG_SENSOR_MAX) {
		fault = EG_FAULT_SENSOR_LONG;
	} else if (len <= EG_VALUE_MAX) {
		end = eg_record_put(line, (struct eg_slice){ sensor, (size_t)n },
		    (struct eg_slice){ time, eg_time_format(ns, time) }, (struct eg_slice){ value, len });
		fault = eg_record_parse(line, (size_t)(end - line), &r);
	}
	if (fault != EG_FAULT_NONE)
		return eg_emit_refuse(s, "'%.60s': %s", *field != '\0' ? field : "value",
		    eg_fault_text(fault));
	*end++ = '\n';
	s->len += (size_t)(end - line);
	s->records++;
	return 0;
}

int
eg_emit_quantity(struct eg_emit *s, const char *group, const char *field, const char *value,
    size_t len, const char *unit, size_t unit_len, const char *to, int64_t ns)
{
	char text[EG_DECIMAL_SIZE], name[96];
	size_t n;

	if (eg_decimal_check(value, len) != EG_NUMBER_OK)
		return eg_emit_put(s, group, field, value, len, ns); /* eg_emit_put refuses it,
								      * with the reason */
	if ((unit_len > 0 || *to == '\0') && eg_unit_convert(value, len, unit, unit_len, to, text, &n))
		return eg_emit_put(s, group, field, text, n, ns);
	n = unit_len == 0 ? (size_t)snprintf(name, sizeof(name), "%s without a unit", field)
	    : (size_t)snprintf(name, sizeof(name), "%s in '%.*s'", field, (int)(unit_len < 20 ? unit_len : 20), unit);
	eg_emit_pass_over(s, name, n < sizeof(name) ? n : sizeof(name) - 1);
	return 0;
}

/* Removes blanks around a string that holds a number. */
static const char *
trimmed(const char *text, size_t *len)
{
	while (*len > 0 && (text[*len - 1] == ' ' || text[*len - 1] == '\t'))
		--*len;
	for (; *len > 0 && (*text == ' ' || *text == '\t'); --*len)
		text++;
	return text;
}

int
eg_emit_number(struct eg_emit *s, const char *what, struct json_object *value,
    const char **text, size_t *len)
{
	switch (json_object_get_type(value)) {
	case json_type_int:
		/* json-c returns these for any number beyond 64 bits. */
		if (json_object_get_int64(value) == INT64_MIN ||
		    json_object_get_uint64(value) == UINT64_MAX)
			return eg_emit_refuse(s, "'%.60s': a whole number beyond 64 bits", what);
		/* fall through */
	case json_type_double:
		*text = json_object_to_json_string_length(value, JSON_C_TO_STRING_PLAIN, len);
		return 0;
	case json_type_string:
		*len = (size_t)json_object_get_string_len(value);
		*text = trimmed(json_object_get_string(value), len);
		return 0;
	default:
		return eg_emit_refuse(s, "'%.60s' is not a number", what);
	}
}

int
eg_emit_value(struct eg_emit *s, const char *group, const char *field,
    struct json_object *value, int64_t ns)
{
	const char *text = "";
	size_t len = 0;

	if (value == NULL)
		return 0;
	if (eg_emit_number(s, *field != '\0' ? field : "value", value, &text, &len) != 0)
		return -1;
	return eg_emit_put(s, group, field, text, len, ns);
}

int
eg_emit_fields(struct eg_emit *s, const char *group, struct json_object *o,
    const struct eg_field *fields, size_t n, int64_t ns)
{
	struct json_object *value;

	for (size_t i = 0; i < n; i++)
		if (json_object_object_get_ex(o, fields[i].member, &value) &&
		    eg_emit_value(s, group, fields[i].field, value, ns) != 0)
			return -1;
	return 0;
}

int
eg_emit_timeless(struct eg_emit *s, int64_t *ns)
{
	if (!s->cfg->now)
		return eg_emit_refuse(s, "the message has no time");
	*ns = s->m->arrived;
	return 0;
}

/* Parses the message. Returns its end, and refuses what is no whole JSON value. */
static enum eg_json_end
parse_json(struct eg_emit *s, struct json_object **o)
{
	struct json_tokener *tok = eg_json_tokener(DEPTH_MAX);
	const char *why;
	enum eg_json_end end;

	*o = NULL;
	if (tok == NULL)
		return EG_JSON_MEMORY;
	end = eg_json_parse(tok, s->m->body, s->m->len, o, &why);
	if (end == EG_JSON_DEEP)
		eg_emit_refuse(s, "the JSON is nested too deeply");
	else if (end == EG_JSON_CUT)
		eg_emit_refuse(s, "the JSON is cut short");
	else if (end == EG_JSON_FOLLOWED)
		eg_emit_refuse(s, "something follows the JSON document");
	else if (end == EG_JSON_BAD)
		eg_emit_refuse(s, "not JSON: %s", why);
	json_tokener_free(tok);
	return end;
}

struct json_object *
eg_emit_json(struct eg_emit *s)
{
	struct json_object *o;
	enum eg_json_end end;

	/* json-c treats a NUL byte as the end. */
	if (memchr(s->m->body, '\0', s->m->len) != NULL)
		eg_emit_refuse(s, "the message holds a NUL byte");
	if (*s->reason != '\0')
		return NULL;
	end = parse_json(s, &o);
	if (end == EG_JSON_MEMORY)
		s->no_memory = true;
	else if (end == EG_JSON_WHOLE && o == NULL)
		eg_emit_refuse(s, "the JSON is null");
	else if (end == EG_JSON_WHOLE && !eg_jsontext_paired(s->m->body, s->m->len))
		eg_emit_refuse(s, "the JSON holds half a surrogate pair");
	if (*s->reason == '\0')
		return o;
	json_object_put(o);
	return NULL;
}

int
eg_emit_topic(struct eg_emit *s, const char *head, const char *tail)
{
	const char *t = s->m->topic;
	size_t n = s->m->topic_len, h = strlen(head), k = strlen(tail);

	if (n > h && h > 0 && memcmp(t, head, h) == 0) {
		t += h;
		n -= h;
	}
	if (n > k && k > 0 && memcmp(t + n - k, tail, k) == 0)
		n -= k;
	return eg_emit_device(s, t, n);
}

int
eg_emit_topic_or(struct eg_emit *s, const char *name)
{
	if (s->m->topic_len > 0 || s->m->from_len > 0)
		return eg_emit_topic(s, "", "");
	return eg_emit_device(s, name, strlen(name));
}
