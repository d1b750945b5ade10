/* SPDX-License-Identifier: MIT */
#include "decode/brackets.h"

#include "base/swar.h"

/* The next byte from p on that may be a bracket, a quote, a line end, or a backslash in a
 * string. */
static const char *
skip_plain(const struct eg_brackets *b, const char *p, const char *end)
{
	size_t n = 8;

	if (b->quoted)
		for (; n == 8 && end - p >= 8; p += n)
			n = eg_swar_prefix(p, "\"\"\\\\");
	else
		for (; p < end && *p >= ',' && *p <= ':'; p++) /* a digit, a comma, a colon or a point */
			;
	return p;
}

/* Notes a byte. Returns whether it is the last bracket. */
static bool
is_last(struct eg_brackets *b, char c)
{
	if (b->quoted) {
		b->quoted = b->escaped || c != '"';
		b->escaped = c == '\\' && !b->escaped;
	} else if (c == '"') {
		b->quoted = true;
	} else if (c == '{' || c == '[') {
		b->depth++;
	} else if (c == '}' || c == ']') {
		return --b->depth == 0;
	}
	return false;
}

enum eg_brackets_end
eg_brackets_find(struct eg_brackets *b, const char *buf, size_t end, size_t *at)
{
	struct eg_brackets open = *b; /* stays in registers */
	enum eg_brackets_end found = EG_BRACKETS_MORE;
	const char *p = buf + *at, *stop = buf + end;

	for (; p < stop; p++) {
		if (!open.escaped && (p = skip_plain(&open, p, stop)) == stop)
			break;
		found = *p == '\n'        ? EG_BRACKETS_LINE
		    : is_last(&open, *p) ? EG_BRACKETS_LAST
		                         : EG_BRACKETS_MORE;
		if (found != EG_BRACKETS_MORE)
			break;
	}
	*b = open;
	*at = (size_t)(p - buf);
	return found;
}
