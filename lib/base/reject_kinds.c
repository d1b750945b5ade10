/* SPDX-License-Identifier: MIT */
#include "base/reject_kinds.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static size_t
count_digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* Skips a number or quoted text. Sets *mark to the character that represents it. */
static const char *
step(const char *s, char *mark)
{
	const char *end = *s == '\'' ? strchr(s + 1, '\'') : NULL;
	size_t n = count_digits(s);

	*mark = n > 0 ? '0' : *s;
	return end != NULL ? end + 1 : s + (n > 0 ? n : 1);
}

/* Whether two reasons differ only in numbers and quoted text. b may be truncated. */
static bool
same_kind(const char *a, const char *b)
{
	const char *from = b;

	while (*a != '\0' && *b != '\0') {
		char x, y;

		a = step(a, &x);
		b = step(b, &y);
		if (x != y)
			return false;
	}
	return *a == *b || (*b == '\0' && b - from == EG_REJECT_KIND_TEXT - 1);
}

const struct eg_reject_kind *
eg_reject_kinds_add(struct eg_reject_kinds *k, const char *place, const char *reason)
{
	struct eg_reject_kind *kind = &k->at[k->last];

	if (k->n == 0 || !same_kind(reason, kind->reason)) {
		for (k->last = 0; k->last < k->n && !same_kind(reason, k->at[k->last].reason);)
			k->last++;
		if (k->last == EG_REJECT_KINDS)
			k->last--;
		kind = &k->at[k->last];
	}
	if (k->last == k->n) {
		k->n++;
		(void)snprintf(kind->place, sizeof(kind->place), "%s", place);
		(void)snprintf(kind->reason, sizeof(kind->reason), "%s",
		    k->n < EG_REJECT_KINDS ? reason : "other reasons");
	}
	kind->count++;
	return kind;
}

const char *
eg_reject_kind_name(const struct eg_reject_kind *k, char out[EG_REJECT_KIND_TEXT])
{
	size_t n = 0;

	/* A quote without its end is that of a text that was cut. */
	for (const char *s = k->reason, *next; *s != '\0'; s = next) {
		char mark;

		next = step(s, &mark);
		if (mark == '\'') {
			n += (size_t)snprintf(out + n, EG_REJECT_KIND_TEXT - n, "'...'");
			if (n >= EG_REJECT_KIND_TEXT - 1 || next == s + 1)
				return out;
			continue;
		}
		if (n == EG_REJECT_KIND_TEXT - 1)
			break;
		out[n++] = mark >= ' ' && mark < 0x7f && mark != '"' && mark != '\\' ? mark : '_';
	}
	out[n] = '\0';
	return out;
}
