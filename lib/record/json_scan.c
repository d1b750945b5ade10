/* SPDX-License-Identifier: MIT */
/* The fast reader of JSON text into an index. It reads a copy of the text with NULs behind it, and
 * writes a NUL over the quote at the end of each string. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "record/json_plain.h"

enum {
	LEVELS_MAX = 16,
	MEMBERS_MAX = 64,
	FORM_MAX = 16384, /* bytes of a message whose form is kept */
};

struct scan {
	struct eg_json_index *x;
	char *p;         /* the next byte */
	const char *end; /* of the padding */
	int level;
	size_t pieces;      /* of the form, so far */
	const char *behind; /* the last value of those */
};

/* The names of an object so far, as bits of their hashes. */
struct names {
	uint64_t seen;
	size_t n;
};

static bool read_value(struct scan *s, const char *name);

struct eg_json *
eg_json_index_push(struct eg_json_index *x, const char *name, enum eg_json_type type,
    const char *text, size_t len)
{
	struct eg_json *v;

	if (x->values == x->room && !eg_buf_grow(&x->value, &x->room, x->values + 1, sizeof(*v)))
		return NULL;
	v = &x->value[x->values++];
	*v = (struct eg_json){ name, text, (uint32_t)len, 1, type };
	return v;
}

static void
skip_space(struct scan *s)
{
	if ((unsigned char)*s->p <= ' ')
		s->p += eg_json_space_end(s->p, s->end) - s->p;
}

/* Reads the string at the next byte, and ends it with a NUL. NULL: it is none. */
static const char *
read_string(struct scan *s, size_t *len)
{
	const char *from = s->p + 1, *end;

	if (*s->p != '"' || (end = eg_json_plain_string(from, s->end)) == NULL)
		return NULL;
	*len = (size_t)(end - from);
	s->p += *len + 1;
	*s->p++ = '\0';
	return from;
}

/* Appends a value from `from` to the next byte, and the piece of the form before it. */
static bool
push_value(struct scan *s, const char *name, enum eg_json_type type, const char *from, size_t len)
{
	struct eg_json_index *x = s->x;

	if (eg_json_index_push(x, name, type, from, len) == NULL ||
	    !eg_buf_grow(&x->piece, &x->piece_room, s->pieces + 2, sizeof(*x->piece)))
		return false;
	x->piece[s->pieces++] = (struct eg_json_piece){ (uint32_t)(s->behind - x->text),
		(uint32_t)(from - s->behind), (uint32_t)(x->values - 1) };
	s->behind = s->p;
	return true;
}

static bool
read_number(struct scan *s, const char *name)
{
	const char *from = s->p, *end;
	enum eg_json_type type;

	if ((end = eg_json_plain_number(from, s->end, &type)) == NULL)
		return false;
	s->p += end - from;
	return push_value(s, name, type, from, (size_t)(end - from));
}

static bool
read_word(struct scan *s, const char *name, const char *word, enum eg_json_type type)
{
	size_t len = strlen(word);

	if (strncmp(s->p, word, len) != 0)
		return false;
	s->p += len;
	return eg_json_index_push(s->x, name, type, type == EG_JSON_BOOL ? word : "",
	    type == EG_JSON_BOOL ? len : 0) != NULL;
}

/* Whether the name is new in the object at x->value[at]. Most are known to be by their hash
 * alone. */
static bool
is_new(struct names *names, const struct eg_json_index *x, size_t at, const char *name, size_t len)
{
	uint64_t first, bit;
	const struct eg_json *o = &x->value[at];

	/* Without the bytes behind the name. A copy of len bytes would be a call, and wait for it. */
	memcpy(&first, name, sizeof(first));
	first = len < sizeof(first) ? le64toh(first) & ((UINT64_C(1) << 8 * len) - 1) : first;
	bit = UINT64_C(1) << ((first ^ len) * UINT64_C(0x9e3779b97f4a7c15) >> 58);
	if (names->n++ == MEMBERS_MAX)
		return false;
	if ((names->seen & bit) == 0) {
		names->seen |= bit;
		return true;
	}
	for (const struct eg_json *m = o + 1; m < x->value + x->values; m += m->span)
		if (strcmp(m->name, name) == 0)
			return false;
	return true;
}

/* Reads the name of a member of the object at x->value[at], and the colon. */
static const char *
read_name(struct scan *s, struct names *names, size_t at)
{
	size_t len;
	const char *name = read_string(s, &len);

	if (name == NULL || !is_new(names, s->x, at, name, len))
		return NULL;
	skip_space(s);
	if (*s->p++ != ':')
		return NULL;
	skip_space(s);
	return name;
}

/* Reads an object or array, whose bracket is the next byte. */
static bool
read_members(struct scan *s, const char *name, enum eg_json_type type)
{
	struct names names = { .n = 0 };
	const char close = type == EG_JSON_OBJECT ? '}' : ']', *member = NULL;
	const size_t at = s->x->values;

	if (s->level++ == LEVELS_MAX || eg_json_index_push(s->x, name, type, "", 0) == NULL)
		return false;
	s->p++;
	skip_space(s);
	while (*s->p != close) {
		if ((type == EG_JSON_OBJECT && (member = read_name(s, &names, at)) == NULL) ||
		    !read_value(s, member))
			return false;
		skip_space(s);
		if (*s->p == close)
			break;
		if (*s->p++ != ',')
			return false;
		skip_space(s);
		if (*s->p == close)
			return false;
	}
	s->p++;
	s->level--;
	s->x->value[at].span = (uint32_t)(s->x->values - at);
	return true;
}

static bool
read_value(struct scan *s, const char *name)
{
	const char *text;
	size_t len;

	switch (*s->p) {
	case '"':
		return (text = read_string(s, &len)) != NULL &&
		    push_value(s, name, EG_JSON_STRING, text, len);
	case '{':
		return read_members(s, name, EG_JSON_OBJECT);
	case '[':
		return read_members(s, name, EG_JSON_ARRAY);
	case 't':
		return read_word(s, name, "true", EG_JSON_BOOL);
	case 'f':
		return read_word(s, name, "false", EG_JSON_BOOL);
	case 'n':
		return read_word(s, name, "null", EG_JSON_NULL);
	default:
		return read_number(s, name);
	}
}

/* Keeps the form of the message that was read. */
static void
keep_form(struct scan *s, const char *text, size_t len)
{
	struct eg_json_index *x = s->x;

	if (s->pieces == 0 || len > FORM_MAX ||
	    !eg_buf_grow(&x->form, &x->form_room, len + EG_JSON_PADDING, 1))
		return;
	memcpy(x->form, text, len);
	memset(x->form + len, 0, EG_JSON_PADDING);
	x->piece[s->pieces++] = (struct eg_json_piece){ (uint32_t)(s->behind - x->text),
		(uint32_t)(s->p - s->behind), 0 };
	x->pieces = s->pieces;
}

bool
eg_json_index_scan(struct eg_json_index *x, const char *text, size_t len)
{
	struct scan s = { .x = x };

	if (eg_json_alike(x, text, len))
		return true;
	x->values = x->pieces = 0;
	if (len > UINT32_MAX / 2 || !eg_buf_grow(&x->text, &x->text_room, len + EG_JSON_PADDING, 1))
		return false;
	memcpy(x->text, text, len);
	memset(x->text + len, 0, EG_JSON_PADDING);
	s.behind = s.p = x->text;
	s.end = x->text + len + EG_JSON_PADDING;
	skip_space(&s);
	if (!read_value(&s, NULL) || s.p != x->text + len)
		return false;
	keep_form(&s, text, len);
	return true;
}
