/* SPDX-License-Identifier: MIT */
/* A path into a JSON document, written as in jq: `.a.b[0]`, `."a b"`, `.["a"]`, `.`. */
#include "decode/jsonpath.h"

#include <stdlib.h>
#include <string.h>

#include "record/json_index.h"

enum { STEPS_MAX = 32 };

struct step {
	const char *name; /* NULL: the step is an index */
	long index;
};

struct eg_jsonpath {
	char *names; /* memory of the steps' names */
	size_t n;
	struct step step[STEPS_MAX];
};

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || (unsigned char)c >= 0x80;
}

/* Copies a quoted name at `at`; a backslash escapes a quote or a backslash. Returns the position
 * after it, NULL if it has no end. */
static const char *
quoted(const char *at, char **to)
{
	for (at++; *at != '"'; at++) {
		if (*at == '\\')
			at++;
		if (*at == '\0')
			return NULL;
		*(*to)++ = *at;
	}
	return at + 1;
}

static const char *
plain(const char *at, char **to)
{
	const char *start = at;

	while (is_plain(*at))
		*(*to)++ = *at++;
	return at > start ? at : NULL;
}

/* Parses `[0]` or `["name"]` at `at`. */
static const char *
bracket(struct eg_jsonpath *p, const char *at, char **to)
{
	char *end;

	if (*++at == '"') {
		p->step[p->n].name = *to;
		at = quoted(at, to);
		*(*to)++ = '\0';
	} else {
		if (*at != '-' && (*at < '0' || *at > '9'))
			return NULL;
		p->step[p->n].index = strtol(at, &end, 10);
		at = end;
	}
	return at != NULL && *at == ']' ? at + 1 : NULL;
}

static bool
compile(struct eg_jsonpath *p, const char *at)
{
	char *to = p->names;

	if (*at != '.')
		return false;
	for (; at != NULL && *at != '\0' && strcmp(at, ".") != 0; p->n++) {
		if (p->n == STEPS_MAX)
			return false;
		if (*at == '[' || (at[0] == '.' && at[1] == '[')) {
			at = bracket(p, at + (*at == '.'), &to);
			continue;
		}
		if (*at++ != '.')
			return false;
		p->step[p->n].name = to;
		at = *at == '"' ? quoted(at, &to) : plain(at, &to);
		*to++ = '\0';
	}
	/* A '.' alone is the document; a '.' after the last step is ignored. */
	return at != NULL && (*at == '\0' || p->n == 0);
}

struct eg_jsonpath *
eg_jsonpath_new(const char *text)
{
	struct eg_jsonpath *p = calloc(1, sizeof(*p));

	/* A step takes at least two bytes of text; its name and a NUL are stored. */
	if (p == NULL || (p->names = calloc(2, strlen(text) + 1)) == NULL || !compile(p, text)) {
		eg_jsonpath_free(p);
		return NULL;
	}
	return p;
}

void
eg_jsonpath_free(struct eg_jsonpath *p)
{
	if (p != NULL)
		free(p->names);
	free(p);
}

/* The value at the path, which may be null; NULL: there is none. */
static const struct eg_json *
follow_path(const struct eg_jsonpath *p, const struct eg_json *o)
{
	for (const struct step *s = p->step; s < p->step + p->n && o != NULL; s++)
		o = s->name != NULL ? eg_json_member(o, s->name) : eg_json_element(o, s->index);
	return o;
}

const struct eg_json *
eg_jsonpath_find(const struct eg_jsonpath *p, const struct eg_json *o)
{
	o = follow_path(p, o);
	return eg_json_is(o, EG_JSON_NULL) ? NULL : o;
}

bool
eg_jsonpath_exists(const struct eg_jsonpath *p, const struct eg_json *o)
{
	return follow_path(p, o) != NULL;
}
