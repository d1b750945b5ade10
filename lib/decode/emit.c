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

enum { FIELDS_AT_ONCE = 32 };

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

/* Whether the device's name, whose ASCII characters are safe, is valid in a record. */
static bool
is_sensor(const struct eg_emit *s)
{
	for (size_t i = 0; i < s->device_len; i++)
		if ((unsigned char)s->device[i] >= 0x80)
			return eg_sensor_check(s->device, s->device_len) == EG_FAULT_NONE;
	return true;
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
		if (is_sensor(s))
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
	if (eg_buf_grow(&s->lines, &s->room, s->len + EG_LINE_MAX + 1 + EG_RECORD_AHEAD, 1))
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

/* Writes the sensor, `device/group/field`, and returns its end; NULL: it is too long. */
static char *
put_sensor(const struct eg_emit *s, const char *group, const char *field, char *out)
{
	size_t group_len = group != NULL ? strlen(group) : 0, field_len = strlen(field);

	if (s->device_len + (group != NULL) + group_len + (field_len > 0) + field_len > EG_SENSOR_MAX)
		return NULL;
	out = mempcpy(out, s->device, s->device_len);
	if (group != NULL) {
		*out++ = '/';
		out = mempcpy(out, group, group_len);
	}
	if (field_len > 0) {
		*out++ = '/';
		out = mempcpy(out, field, field_len);
	}
	return out;
}

/* The text of a time. Most readings have that of the one before them. */
static struct eg_slice
time_text(struct eg_emit *s, int64_t ns)
{
	if (s->time_len == 0 || s->time_ns != ns)
		s->time_len = eg_time_format_near(&s->time_day, ns, s->time_text);
	s->time_ns = ns;
	return (struct eg_slice){ s->time_text, s->time_len };
}

int
eg_emit_put(struct eg_emit *s, const char *group, const char *field, const char *value,
    size_t len, int64_t ns)
{
	enum eg_fault fault = EG_FAULT_SENSOR_LONG;
	struct eg_slice time;
	struct eg_record r;
	char *line, *end;

	if (make_room(s) != 0)
		return -1;
	line = s->lines + s->len;
	if (!eg_clock_is_set(ns, s->m->arrived)) {
		if (!s->cfg->now)
			return eg_emit_refuse(s, "the device's clock is not set: it says %s",
			    time_text(s, ns).s);
		ns = s->m->arrived;
	}
	time = time_text(s, ns);
	end = put_sensor(s, group, field, line);
	if (end != NULL && len > EG_VALUE_MAX) {
		fault = EG_FAULT_VALUE_LONG;
	} else if (end != NULL) {
		*end++ = ':';
		end = mempcpy(end, time.s, time.len);
		*end++ = ':';
		end = mempcpy(end, value, len);
		fault = eg_record_parse_ahead(line, (size_t)(end - line), &s->day, &r);
	}
	if (fault != EG_FAULT_NONE)
		return eg_emit_refuse(s, "'%.60s': %s", *field != '\0' ? field : "value",
		    eg_fault_text(fault));
	s->len += (size_t)(end - line) + 1;
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
	    : (size_t)snprintf(name, sizeof(name), "%s in '%.*s'", field,
	    (int)(unit_len < 20 ? unit_len : 20), unit);
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
eg_emit_number(struct eg_emit *s, const char *what, const struct eg_json *value,
    const char **text, size_t *len)
{
	if (value != NULL && value->type == EG_JSON_STRING) {
		*len = value->len;
		*text = trimmed(value->text, len);
		return 0;
	}
	if (!eg_json_is_numeric(value))
		return eg_emit_refuse(s, "'%.60s' is not a number", what);
	/* eg_json_parse replaces any whole number beyond 64 bits by one of these. */
	if (value->len == 20 && (memcmp(value->text, "-9223372036854775808", 20) == 0 ||
	    memcmp(value->text, "18446744073709551615", 20) == 0))
		return eg_emit_refuse(s, "'%.60s': a whole number beyond 64 bits", what);
	*text = value->text;
	*len = value->len;
	return 0;
}

int
eg_emit_value(struct eg_emit *s, const char *group, const char *field,
    const struct eg_json *value, int64_t ns)
{
	const char *text = "";
	size_t len = 0;

	if (value == NULL || value->type == EG_JSON_NULL)
		return 0;
	if (eg_emit_number(s, *field != '\0' ? field : "value", value, &text, &len) != 0)
		return -1;
	return eg_emit_put(s, group, field, text, len, ns);
}

/* Finds the members of o that are called as fields[0..n), n at most FIELDS_AT_ONCE. Devices send
 * them in nearly the order of the table, so the search for each begins behind the one before. */
static void
find_fields(const struct eg_json *o, const struct eg_field *fields, size_t n,
    const struct eg_json **found)
{
	size_t at = 0, tries;

	eg_json_each_member(m, o) {
		for (tries = 0; tries < n; tries++, at = at + 1 < n ? at + 1 : 0)
			if (*fields[at].member == *m->name && strcmp(fields[at].member, m->name) == 0)
				break;
		if (tries < n)
			found[at] = m;
	}
}

int
eg_emit_fields(struct eg_emit *s, const char *group, const struct eg_json *o,
    const struct eg_field *fields, size_t n, int64_t ns)
{
	for (size_t from = 0; from < n; from += FIELDS_AT_ONCE) {
		const struct eg_json *found[FIELDS_AT_ONCE] = { NULL };
		size_t some = n - from < FIELDS_AT_ONCE ? n - from : FIELDS_AT_ONCE;

		find_fields(o, fields + from, some, found);
		for (size_t i = 0; i < some; i++)
			if (found[i] != NULL &&
			    eg_emit_value(s, group, fields[from + i].field, found[i], ns) != 0)
				return -1;
	}
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

bool
eg_emit_topic_ends(const struct eg_emit *s, const char *tail)
{
	size_t n = s->m->topic_len, k = strlen(tail);

	return n >= k && memcmp(s->m->topic + n - k, tail, k) == 0;
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
