/* SPDX-License-Identifier: MIT */
/* Compiles forms of time: what they contain, and which combinations are wrong. */
#include <string.h>

#include "import/time_format.h"

static bool
has_part(const struct eg_time_format *f, char kind)
{
	return memchr(f->kind, kind, f->n) != NULL;
}

static bool
add_part(struct eg_time_format *f, char kind, char text)
{
	if (f->n == EG_TIME_STEPS)
		return false;
	f->kind[f->n] = kind;
	f->text[f->n++] = text;
	return true;
}

/* Returns why a complete format makes no sense, or NULL. */
static const char *
check_meaning(const struct eg_time_format *f)
{
	if (has_part(f, 's'))
		return f->kind[f->n - 1] == 's' && memchr("YymbdHIpMSfz", f->kind[0], 12) == NULL
		    ? NULL : "%s stands for all of a time";
	if ((has_part(f, 'Y') && has_part(f, 'y')) || (has_part(f, 'm') && has_part(f, 'b')) ||
	    (has_part(f, 'H') && has_part(f, 'I')))
		return "two directives stand for one thing";
	if (!(has_part(f, 'Y') || has_part(f, 'y')) || !(has_part(f, 'm') || has_part(f, 'b')) ||
	    !has_part(f, 'd'))
		return "it has no whole date";
	if (has_part(f, 'I') != has_part(f, 'p'))
		return has_part(f, 'p') ? "%p goes with %I, the hour of the 12-hour clock"
		                   : "%I needs %p: AM or PM";
	if ((has_part(f, 'M') && !has_part(f, 'H') && !has_part(f, 'I')) ||
	    (has_part(f, 'S') && !has_part(f, 'M')))
		return "a part of the time of day is missing";
	return NULL;
}

static const char *
compile_directive(struct eg_time_format *f, char c)
{
	static const struct {
		char c;
		const char *whole;
	} whole[] = { { 'F', "Y-m-d" }, { 'T', "H:M:S" }, { 'R', "H:M" } };

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (whole[i].c == c) {
			const char *why = NULL;

			for (const char *w = whole[i].whole; *w != '\0' && why == NULL; w++)
				why = strchr("-:", *w) != NULL ? (add_part(f, '=', *w) ? NULL : "it is too long")
				                               : compile_directive(f, *w);
			return why;
		}
	if (c == '%')
		return add_part(f, '=', c) ? NULL : "it is too long";
	for (const char *same = "edBbkHlIPpAa"; *same != '\0'; same += 2)
		c = *same == c ? same[1] : c;
	if (c == '\0' || strchr("YymbdHIpMSfzsa*", c) == NULL)
		return "unknown directive";
	if (has_part(f, '*'))
		return "%* stands for the rest of a time";
	if (has_part(f, c))
		return "a directive is given twice";
	return add_part(f, c, '\0') ? NULL : "it is too long";
}

const char *
eg_time_format_compile(struct eg_time_format *f, const char *text)
{
	static const char *const epochs[] = { "epoch", "epoch-ms", "epoch-us", "epoch-ns" };
	const char *why = NULL;

	memset(f, 0, sizeof(*f));
	f->epoch = -1;
	f->iso = strcmp(text, "iso") == 0;
	for (int i = 0; i < 4; i++)
		if (strcmp(text, epochs[i]) == 0)
			f->epoch = 3 * i;
	f->excel = strcmp(text, "excel") == 0;
	if (f->iso || f->excel || f->epoch >= 0)
		return NULL;
	for (; *text != '\0' && why == NULL; text++) {
		if (*text == '%')
			why = compile_directive(f, *++text);
		else if (!add_part(f, *text == ' ' ? ' ' : '=', *text))
			why = "it is too long";
		if (*text == '\0')
			break;
	}
	return why != NULL ? why : check_meaning(f);
}
