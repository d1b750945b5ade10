/* SPDX-License-Identifier: MIT */
/* JSON text as one array of values in the order of the text. There is no tree, and nothing is
 * allocated for a message once the array has grown. This is the reader to take, unless a whole
 * number beyond 64 bits must keep its digits: see record/json_parse.h. */
#ifndef EG_JSON_INDEX_H
#define EG_JSON_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/json_parse.h"

struct json_object;

enum eg_json_type {
	EG_JSON_NULL,
	EG_JSON_BOOL,   /* text: "true" or "false" */
	EG_JSON_INT,    /* a number without a fraction and an exponent */
	EG_JSON_DOUBLE, /* any other number */
	EG_JSON_STRING,
	EG_JSON_ARRAY,
	EG_JSON_OBJECT,
};

/* A value. In the array, the values in it follow. Texts belong to the index. */
struct eg_json {
	const char *name; /* of a member of an object, ends with a NUL; NULL: the value is no member */
	const char *text; /* a string without its escapes, ends with a NUL; a number as it was sent, of
			   * len bytes, not followed by a digit; "" for null, arrays and objects */
	uint32_t len;     /* of text */
	uint32_t span;    /* number of values, with those in it, up to the next one on its level */
	enum eg_json_type type;
};

struct eg_json_piece;

/* All members are private, and zero at first. */
struct eg_json_index {
	struct eg_json *value;
	size_t values, room;
	char *text; /* a copy of the message, with NULs at the ends of strings */
	size_t text_room;
	/* The form of the message in text: what it has around its numbers and strings, and a copy of
	 * it for that. The next one in the same form, whose names are those in text, is in next. */
	struct eg_json_piece *piece;
	size_t pieces, piece_room; /* 0: none */
	char *form, *next;
	size_t form_room, next_room;
	struct json_object *tree; /* the message if it was parsed by json-c; the texts are in it */
	struct json_tokener *tokener;
};

/* The fast reader, for nearly all messages: strict JSON (RFC 8259) of at most 16 levels, in which
 * no string has an escape or a character above U+FFFF, no object has more than 64 members or two
 * of a name, and no whole number is -0 or has more than 18 bytes with its sign. Returns false for
 * anything else, which may still be JSON. A device sends the same names again and again: a text
 * that differs from the one read before in its numbers and strings alone is compared with it. */
bool eg_json_index_scan(struct eg_json_index *x, const char *text, size_t len);

/* The value that eg_json_index_scan or eg_json_index_parse has read. It and all in it stay valid
 * until the next one is read, or until the index is freed. */
static inline const struct eg_json *
eg_json_root(const struct eg_json_index *x)
{
	return x->value;
}

/* The reader by eg_json_parse, which documents the return value and *why: for what
 * eg_json_index_scan leaves to it; all else it reads alike. A value has at most 32 levels. In an
 * object with two members of a name, the first has the value of the last. Whole numbers beyond 64
 * bits are those of eg_json_parse. */
enum eg_json_end eg_json_index_parse(struct eg_json_index *x, const char *text, size_t len,
    const char **why);

/* Fills the index with the values of o, which it then owns. Returns false if memory runs out. */
bool eg_json_index_take(struct eg_json_index *x, struct json_object *o);

/* Appends a value whose span is 1. NULL if memory runs out. Only for the readers. The array may
 * move. */
struct eg_json *eg_json_index_push(struct eg_json_index *x, const char *name,
    enum eg_json_type type, const char *text, size_t len);

void eg_json_index_free(struct eg_json_index *x);

/* Whether the value (NULL: there is none) is of a type. */
static inline bool
eg_json_is(const struct eg_json *v, enum eg_json_type type)
{
	return v != NULL && v->type == type;
}

/* The first value in an array or object, or the value behind it. NULL if v is not of the type. */
static inline const struct eg_json *
eg_json_first(const struct eg_json *v, enum eg_json_type type)
{
	return eg_json_is(v, type) ? v + 1 : NULL;
}

static inline const struct eg_json *
eg_json_behind(const struct eg_json *v, enum eg_json_type type)
{
	return eg_json_is(v, type) ? v + v->span : NULL;
}

/* Repeats the statement for each member m of the object v; for each element of the array v. If v is
 * NULL or of another type, it has none. */
#define eg_json_each_member(m, v) \
	for (const struct eg_json *m##_in = (v), *m = eg_json_first(m##_in, EG_JSON_OBJECT), \
	    *m##_end = eg_json_behind(m##_in, EG_JSON_OBJECT); m != m##_end; m += m->span)
#define eg_json_each_element(m, v) \
	for (const struct eg_json *m##_in = (v), *m = eg_json_first(m##_in, EG_JSON_ARRAY), \
	    *m##_end = eg_json_behind(m##_in, EG_JSON_ARRAY); m != m##_end; m += m->span)

static inline bool
eg_json_is_numeric(const struct eg_json *v)
{
	return eg_json_is(v, EG_JSON_INT) || eg_json_is(v, EG_JSON_DOUBLE);
}

/* The member of an object, which may be null. NULL: o has no such member, or is no object, or
 * NULL. */
const struct eg_json *eg_json_member(const struct eg_json *o, const char *name);

/* The element of an array; a negative index counts from the end. NULL: there is none. */
const struct eg_json *eg_json_element(const struct eg_json *o, long index);

/* The value as a whole number: that at the beginning of a string, 0 or 1 for a truth value, a
 * number without its fraction and limited to the type. 0 for anything else. */
int64_t eg_json_int(const struct eg_json *v);

/* The value as a number: of a string if it is one, 0 or 1 for a truth value. 0 for anything
 * else. */
double eg_json_double(const struct eg_json *v);

/* Whether the value is true, a number other than 0, or a string that is not empty. */
bool eg_json_is_true(const struct eg_json *v);

#endif
