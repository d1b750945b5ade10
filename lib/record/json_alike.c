/* SPDX-License-Identifier: MIT */
/* Reads JSON that has the form of the message before it: only numbers and strings are other ones.
 * The members and their names are then those that the array has. */
#include <string.h>

#include "base/buf.h"
#include "base/swar.h"
#include "base/utf8.h"
#include "record/json_plain.h"

bool
eg_json_plain_utf8(const char *p, const char *end)
{
	size_t n;

	for (; p < end; p += n)
		if ((n = eg_utf8_len(p, end)) == 0 || n > 3)
			return false;
	return true;
}

/* Reads the value at p, whose type can only change from one kind of number to the other. Returns
 * what follows it, or NULL. */
static char *
read_value(char *p, const char *end, struct eg_json *v)
{
	bool string = v->type == EG_JSON_STRING;
	const char *behind = string ? eg_json_plain_string(p, end)
	                            : eg_json_plain_number(p, end, &v->type);

	if (behind == NULL)
		return NULL;
	v->text = p;
	v->len = (uint32_t)(behind - p);
	p += v->len;
	if (string)
		*p++ = '\0';
	return p;
}

bool
eg_json_alike(struct eg_json_index *x, const char *text, size_t len)
{
	const struct eg_json_piece *k = x->piece;
	char *p, *end;

	if (x->pieces == 0 || !eg_buf_grow(&x->next, &x->next_room, len + EG_JSON_PADDING, 1))
		return false;
	p = memcpy(x->next, text, len);
	end = p + len;
	memset(end, 0, EG_JSON_PADDING);
	for (; (size_t)(end - p) >= k->len && eg_swar_equal(p, x->form + k->at, k->len); k++) {
		p += k->len;
		if (k == x->piece + x->pieces - 1)
			return p == end;
		p = read_value(p, end + EG_JSON_PADDING, &x->value[k->value]);
		if (p == NULL)
			break;
	}
	return false;
}
