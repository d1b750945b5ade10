/* SPDX-License-Identifier: MIT */
/* Readings as JSON objects. An array is split into its elements before they are parsed: the
 * parser's tree of a whole body would take many times the memory of the body. */
#include <json-c/json.h>
#include <string.h>

#include "record/json_parse.h"
#include "record/json_text.h"
#include "record/record.h"
#include "serve/ingest.h"
#include "serve/ingest_plain.h"

enum {
	DEPTH_MAX = 8,
	TIME_MAX = 64, /* bytes; no timestamp is longer */
	ELEMENT_MAX = 8 * 1024, /* bytes of one object, with its unknown members */
};

static const char not_json[] = "it is not JSON";

/* The state of reading a body. */
struct reader {
	struct eg_ingest *in;
	struct json_tokener *tok; /* NULL: not needed yet */
	struct eg_ingest_plain last;
};

/* Adds the reading in p, which is plain, as a record that needs no check if its time is that of the
 * record before. False: it must be checked. */
static bool
add_plain_record(struct eg_ingest *in, const struct eg_ingest_plain *p)
{
	char own[EG_LINE_MAX + 1 + EG_RECORD_AHEAD], *line = eg_ingest_room(in, own), *value;
	struct eg_record r = { .line = line, .sensor_len = (uint8_t)p->sensor.len };

	if (!eg_ingest_last_time(in, p->time, &r))
		return false;
	value = eg_record_begin(line, p->sensor, p->time);
	memcpy(value, p->value.s, p->value.len);
	r.value_at = (uint16_t)(value - line);
	r.len = (uint16_t)(r.value_at + p->value.len);
	eg_ingest_record(in, &r);
	return true;
}

/* Adds the reading of these three texts (time may be missing). Returns the reason for a refusal, or
 * NULL. */
static const char *
add_parts(struct eg_ingest *in, const struct eg_ingest_plain *p)
{
	char own[EG_LINE_MAX + 1 + EG_RECORD_AHEAD], now[EG_TIME_SIZE], *line, *value;
	struct eg_slice time = p->time;

	if (p->sensor.len > EG_SENSOR_MAX)
		return eg_fault_text(EG_FAULT_SENSOR_LONG);
	if (p->plain && add_plain_record(in, p))
		return NULL;
	if (eg_key_sensor_len(p->sensor.s, p->sensor.len) != p->sensor.len)
		return eg_fault_text(EG_FAULT_SENSOR_COLON);
	if (time.len > TIME_MAX)
		return eg_fault_text(EG_FAULT_TIME_FORM);
	if (p->value.len > EG_VALUE_MAX + 1)
		return eg_fault_text(EG_FAULT_VALUE_LONG);
	if (time.s == NULL)
		time = (struct eg_slice){ now,
			eg_time_format(eg_ingest_time(in, p->sensor.s, p->sensor.len), now) };
	line = eg_ingest_room(in, own);
	value = eg_record_begin(line, p->sensor, time);
	memcpy(value, p->value.s, p->value.len);
	eg_ingest_put(in, line, (size_t)(value - line) + eg_jsontext_fit(value, p->value.len));
	return NULL;
}

static struct eg_slice
string_of(struct json_object *o)
{
	return (struct eg_slice){ json_object_get_string(o),
		(size_t)json_object_get_string_len(o) };
}

/* Adds the reading in o, the parsed form of text. Returns the reason for a refusal, or NULL. */
static const char *
add_object(struct eg_ingest *in, struct json_object *o, const char *text, size_t len)
{
	struct json_object *sensor, *time, *value;
	struct eg_ingest_plain p = { 0 };
	const char *raw = text;
	size_t n;

	if (!json_object_object_get_ex(o, "sensor_id", &sensor))
		return "the object has no \"sensor_id\"";
	if (!json_object_is_type(sensor, json_type_string))
		return "\"sensor_id\" is not a string";
	p.sensor = string_of(sensor);
	n = eg_jsontext_member(text, len, "sensor_id", &raw);
	if (!eg_jsontext_paired(raw, n))
		return "\"sensor_id\" holds half a surrogate pair";
	if (json_object_object_get_ex(o, "timestamp", &time)) {
		if (!json_object_is_type(time, json_type_string))
			return "\"timestamp\" is not a string";
		p.time = string_of(time);
	}
	if (!json_object_object_get_ex(o, "value", &value))
		return "the object has no \"value\"";
	if (!json_object_is_type(value, json_type_double) &&
	    !json_object_is_type(value, json_type_int))
		return "\"value\" is not a number";
	p.value.len = eg_jsontext_member(text, len, "value", &p.value.s);
	if (p.value.len == 0)
		return not_json;
	return add_parts(in, &p);
}

static void
close_tokener(struct reader *rd)
{
	if (rd->tok != NULL)
		json_tokener_free(rd->tok);
}

/* Takes or refuses the reading in p, the object that is all of text. */
static void
add_plain(struct eg_ingest *in, const struct eg_ingest_plain *p, const char *text, size_t len)
{
	const char *why = add_parts(in, p);

	if (why != NULL)
		eg_ingest_refuse(in, text, len, why);
}

/* Takes or refuses the object that is all of text. Returns a reason if it is not JSON. */
static const char *
parse_one(struct reader *rd, const char *text, size_t len)
{
	struct eg_ingest *in = rd->in;
	const char *bad = NULL, *why;
	struct json_object *o;
	enum eg_json_end end;

	if (len == 0 || text[0] != '{')
		return "it is not a JSON object";
	if (len > ELEMENT_MAX) {
		eg_ingest_refuse(in, text, len, "the object is too long");
		return NULL;
	}
	if (eg_ingest_plain_read(text, len, &rd->last) == len) {
		add_plain(in, &rd->last, text, len);
		return NULL;
	}
	if (rd->tok == NULL && (rd->tok = eg_json_tokener(DEPTH_MAX)) == NULL) {
		in->broken = true;
		return NULL;
	}
	end = eg_json_parse(rd->tok, text, len, &o, &why);
	if (end == EG_JSON_MEMORY)
		in->broken = true;
	else if (end == EG_JSON_DEEP)
		bad = "the JSON is nested too deeply";
	else if (end == EG_JSON_FOLLOWED)
		bad = "something follows the JSON object";
	else if (end != EG_JSON_WHOLE)
		bad = not_json;
	else if ((why = add_object(in, o, text, len)) != NULL)
		eg_ingest_refuse(in, text, len, why);
	json_object_put(o);
	return bad;
}

static size_t
trimmed(const char *s, size_t len)
{
	while (len > 0 && eg_jsontext_space(s, len, len - 1) == len)
		len--;
	return len;
}

const char *
eg_ingest_object(struct eg_ingest *in, const char *body, size_t len)
{
	size_t at = eg_jsontext_space(body, len, 0);
	struct reader rd = { .in = in };
	const char *why = parse_one(&rd, body + at, trimmed(body + at, len - at));

	close_tokener(&rd);
	return why;
}

const char *
eg_ingest_objects(struct eg_ingest *in, const char *body, size_t len)
{
	struct reader rd = { .in = in };

	while (len > 0 && !in->full && !in->broken) {
		const char *nl = memchr(body, '\n', len), *why;
		size_t line = nl != NULL ? (size_t)(nl - body) : len;
		size_t at = eg_jsontext_space(body, line, 0), n = trimmed(body + at, line - at);

		if (n > 0 && (why = parse_one(&rd, body + at, n)) != NULL)
			eg_ingest_refuse(in, body + at, n, why);
		in->index++;
		line += nl != NULL;
		body += line;
		len -= line;
	}
	close_tokener(&rd);
	return NULL;
}

/* Takes or refuses the element at s[at]. Returns the offset of the comma or bracket after
 * it, or len if the array is cut off or broken. */
static size_t
element(struct reader *rd, const char *s, size_t len, size_t at)
{
	size_t n = eg_ingest_plain_read(s + at, len - at, &rd->last);
	size_t end = eg_jsontext_space(s, len, at + n);
	const char *why;

	/* The usual object is read without searching for its end first. */
	if (n > 0 && n <= ELEMENT_MAX && end < len && (s[end] == ',' || s[end] == ']')) {
		add_plain(rd->in, &rd->last, s + at, n);
		return end;
	}
	end = eg_jsontext_value(s, len, at);
	n = trimmed(s + at, end - at);
	why = parse_one(rd, s + at, n);
	if (n == 0)
		return len;
	if (end < len && why != NULL)
		eg_ingest_refuse(rd->in, s + at, n, why);
	return end;
}

/* Reads the elements of the array whose '[' is at s[at]. False: it has no end, or something
 * follows it. */
static bool
elements(struct reader *rd, const char *s, size_t len, size_t at)
{
	struct eg_ingest *in = rd->in;

	at = eg_jsontext_space(s, len, at + 1);
	if (at < len && s[at] == ']')
		return eg_jsontext_space(s, len, at + 1) == len;
	while (at < len && !in->full && !in->broken) {
		size_t end = element(rd, s, len, at);

		if (end == len)
			return false;
		in->index++;
		if (s[end] != ',')
			return s[end] == ']' && eg_jsontext_space(s, len, end + 1) == len;
		at = eg_jsontext_space(s, len, end + 1);
	}
	return in->full || in->broken;
}

const char *
eg_ingest_array(struct eg_ingest *in, const char *body, size_t len)
{
	size_t at = eg_jsontext_space(body, len, 0);
	struct reader rd = { .in = in };
	bool whole;

	if (at == len || body[at] != '[')
		return "the body is not a JSON array";
	whole = elements(&rd, body, len, at);
	close_tokener(&rd);
	return whole || in->broken ? NULL : "the body is not JSON";
}
