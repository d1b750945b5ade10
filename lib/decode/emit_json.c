/* SPDX-License-Identifier: MIT */
/* Shared by the decoders of JSON documents. */
#include "decode/emit_json.h"

#include <string.h>

#include "base/number.h"
#include "decode/emit.h"
#include "record/json_text.h"

/* Refuses a message that is no whole JSON value. */
static void
refuse_json(struct eg_emit *s, enum eg_json_end end, const char *why)
{
	if (end == EG_JSON_MEMORY)
		s->no_memory = true;
	else if (end == EG_JSON_DEEP)
		eg_emit_refuse(s, "the JSON is nested too deeply");
	else if (end == EG_JSON_CUT)
		eg_emit_refuse(s, "the JSON is cut short");
	else if (end == EG_JSON_FOLLOWED)
		eg_emit_refuse(s, "something follows the JSON document");
	else
		eg_emit_refuse(s, "not JSON: %s", why);
}

const struct eg_json *
eg_emit_json(struct eg_emit *s)
{
	/* The fast reader takes no NUL byte, which json-c treats as the end, and no escape. */
	bool fast = s->m->read || eg_json_index_scan(&s->json, s->m->body, s->m->len);
	const struct eg_json *o;
	enum eg_json_end end = EG_JSON_WHOLE;
	const char *why = "";

	if (!fast && memchr(s->m->body, '\0', s->m->len) != NULL) {
		eg_emit_refuse(s, "the message holds a NUL byte");
		return NULL;
	}
	if (!fast)
		end = eg_json_index_parse(&s->json, s->m->body, s->m->len, &why);
	o = eg_json_root(&s->json);
	if (end != EG_JSON_WHOLE)
		refuse_json(s, end, why);
	else if (eg_json_is(o, EG_JSON_NULL))
		eg_emit_refuse(s, "the JSON is null");
	else if (!fast && !eg_jsontext_paired(s->m->body, s->m->len))
		eg_emit_refuse(s, "the JSON holds half a surrogate pair");
	else
		return o;
	return NULL;
}

int
eg_emit_document(struct eg_emit *s, bool arrays,
    int (*decode)(struct eg_emit *s, const struct eg_json *o))
{
	const struct eg_json *o = eg_emit_json(s);

	if (o == NULL)
		return -1;
	if (eg_json_is(o, EG_JSON_OBJECT) || (arrays && eg_json_is(o, EG_JSON_ARRAY)))
		return decode(s, o);
	return eg_emit_refuse(s, "the JSON is not an object");
}

static const struct eg_json *
member_called(const struct eg_json *o, const char *name, size_t len)
{
	eg_json_each_member(m, o)
		if (strncmp(m->name, name, len) == 0 && m->name[len] == '\0')
			return m;
	return NULL;
}

const struct eg_json *
eg_json_at(const struct eg_json *o, const char *path)
{
	for (const char *end; o != NULL && *path != '\0'; path = *end == '/' ? end + 1 : end) {
		end = strchrnul(path, '/');
		o = member_called(o, path, (size_t)(end - path));
	}
	return eg_json_is(o, EG_JSON_NULL) ? NULL : o;
}

const char *
eg_json_text(const struct eg_json *o, const char *path)
{
	o = eg_json_at(o, path);
	return eg_json_is(o, EG_JSON_STRING) ? o->text : "";
}

bool
eg_json_is_number(const struct eg_json *value)
{
	return eg_json_is_numeric(value) ||
	    (eg_json_is(value, EG_JSON_STRING) &&
	    eg_decimal_check(value->text, value->len) == EG_NUMBER_OK);
}

void
eg_json_copy(const struct eg_json *v, char *out, size_t size)
{
	size_t n = v->len < size ? v->len : size - 1;

	memcpy(out, v->text, n);
	out[n] = '\0';
}

int
eg_emit_measured(struct eg_emit *s, const char *group, const char *field,
    const struct eg_json *value, const char *unit, const char *to, int64_t ns)
{
	const char *text = "";
	size_t len = 0;

	if (value == NULL || value->type == EG_JSON_NULL)
		return 0;
	if (eg_emit_number(s, field, value, &text, &len) != 0)
		return -1;
	if (to == NULL)
		return eg_emit_put(s, group, field, text, len, ns);
	return eg_emit_quantity(s, group, field, text, len, unit, strlen(unit), to, ns);
}

int
eg_emit_quantities(struct eg_emit *s, const char *group, const struct eg_json *o,
    const struct eg_quantity *q, size_t n, int64_t ns)
{
	for (size_t i = 0; i < n; i++)
		if (eg_emit_measured(s, group, q[i].field, eg_json_at(o, q[i].member), q[i].unit,
		        q[i].to, ns) != 0)
			return -1;
	return 0;
}

int
eg_emit_time(struct eg_emit *s, const struct eg_json *o, const char *path, int unit_digits,
    int64_t *ns)
{
	const struct eg_json *time = eg_json_at(o, path);
	const char *text;
	size_t len;

	*ns = s->m->arrived;
	if (time == NULL)
		return 0;
	if (eg_emit_number(s, path, time, &text, &len) != 0)
		return -1;
	return eg_json_is(time, EG_JSON_STRING) && memchr(text, ':', len) != NULL
	    ? eg_emit_stamp(s, text, len, ns)
	    : eg_emit_epoch(s, text, len, unit_digits, ns);
}
