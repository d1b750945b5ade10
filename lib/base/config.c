/* SPDX-License-Identifier: MIT */
/* Reads a small text file that a user writes. */
#include "base/config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/utf8.h"

static const char blanks[] = " \t";

int
eg_config_open(struct eg_config *c, const char *path, struct eg_error *e)
{
	FILE *f = fopen(path, "re");
	enum eg_status status = EG_CONFIG;
	const char *why = NULL;

	*c = (struct eg_config){ .path = path, .text = malloc(EG_CONFIG_BYTES + 1) };
	if (f != NULL && c->text != NULL)
		c->len = fread(c->text, 1, EG_CONFIG_BYTES + 1, f);
	if (f == NULL || ferror(f)) {
		status = eg_status_of(errno);
		why = strerror(errno);
	} else if (c->len > EG_CONFIG_BYTES)
		why = "it is larger than 4 MiB";
	if (c->text == NULL)
		eg_fail(e, EG_BUG, "out of memory");
	else
		c->text[why == NULL ? c->len : 0] = '\0';
	if (why != NULL)
		eg_fail(e, status, "cannot read '%s': %s", path, why);
	if (f != NULL)
		(void)fclose(f);
	if (e->status == EG_OK)
		return 0;
	eg_config_close(c);
	return -1;
}

int
eg_config_copy(struct eg_config *c, const char *path, const char *text, size_t len,
    struct eg_error *e)
{
	*c = (struct eg_config){ .path = path, .text = malloc(len + 1), .len = len };
	if (c->text == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (len > 0)
		memcpy(c->text, text, len);
	c->text[len] = '\0';
	return 0;
}

void
eg_config_close(struct eg_config *c)
{
	free(c->text);
	*c = (struct eg_config){ 0 };
}

int
eg_config_wrong(const struct eg_config *c, struct eg_error *e, const char *fmt, ...)
{
	char text[sizeof(e->text)];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return eg_fail(e, EG_CONFIG, "%s:%u: %s", c->path, c->line, text);
}

/* The reason why the bytes of a line are invalid; NULL: they are valid. */
static const char *
line_fault(const char *p, const char *end)
{
	size_t len;

	if (end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		return "the line begins with a byte order mark";
	for (; p < end; p += len) {
		len = eg_utf8_len(p, end);
		if (len == 0)
			return "the line is not valid UTF-8";
		if (*p == '\0')
			return "the line holds a NUL byte";
		if (*p != '\t' && eg_utf8_is_control(p, len))
			return "the line holds a control character";
	}
	return NULL;
}

char *
eg_config_next(struct eg_config *c, struct eg_error *e)
{
	while (c->at < c->len) {
		char *line = c->text + c->at, *nl = memchr(line, '\n', c->len - c->at);
		char *end = nl != NULL ? nl : c->text + c->len;
		const char *fault;

		c->at = (size_t)(end - c->text) + 1;
		c->line++;
		if (end > line && end[-1] == '\r')
			end--;
		fault = line_fault(line, end);
		if (fault != NULL) {
			eg_config_wrong(c, e, "%s", fault);
			return NULL;
		}
		while (end > line && strchr(blanks, end[-1]) != NULL)
			end--;
		*end = '\0';
		line += strspn(line, blanks);
		if (*line != '\0' && *line != '#')
			return line;
	}
	return NULL;
}

void
eg_config_cut_comment(char *line)
{
	while ((line = strchr(line, '#')) != NULL) {
		if (strchr(blanks, line[-1]) != NULL)
			*line = '\0';
		else
			line++;
	}
}

char *
eg_config_word(char **rest)
{
	char *word = *rest + strspn(*rest, blanks), *end = word;

	if (*word == '\0')
		return NULL;
	while (*end != '\0' && strchr(blanks, *end) == NULL)
		end += *end == '\\' && end[1] != '\0' ? 2 : 1;
	*rest = end + strspn(end, blanks);
	*end = '\0';
	return word;
}
