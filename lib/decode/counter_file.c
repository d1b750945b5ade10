/* SPDX-License-Identifier: MIT */
/* A file with the last frame counter of each meter. */
#include "decode/counter_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/config.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/number.h"
#include "decode/decode.h"
#include "decode/dlms_counters.h"

#define HEAD "# frame counters of meters\n"

enum { LINE = 2 * EG_DLMS_TITLE + sizeof(" 4294967295\n") };

static bool
parse_title(const char *text, unsigned char title[EG_DLMS_TITLE])
{
	static const char digits[] = "0123456789abcdef";

	if (strlen(text) != (size_t)2 * EG_DLMS_TITLE || strspn(text, digits) != strlen(text))
		return false;
	for (size_t i = 0; text[i] != '\0'; i++)
		title[i / 2] = (unsigned char)(title[i / 2] << 4 | (strchr(digits, text[i]) - digits));
	return true;
}

static int
parse_line(struct eg_dlms_counters *c, const struct eg_config *f, char *line, struct eg_error *e)
{
	const char *title = eg_config_word(&line), *counter = eg_config_word(&line);
	struct eg_decode_counter last = { .given = true };
	int64_t n;

	if (title == NULL || counter == NULL || eg_config_word(&line) != NULL ||
	    !parse_title(title, last.title) ||
	    eg_int_parse(counter, 0, UINT32_MAX, &n) != EG_NUMBER_OK)
		return eg_config_wrong(f, e, "not the frame counter of a meter");
	last.n = (uint32_t)n;
	eg_dlms_settle(c, &last);
	return 0;
}

static int
load(struct eg_dlms_counters *c, const char *path, struct eg_error *e)
{
	struct eg_config f;
	struct stat st;
	char *line;

	if (stat(path, &st) != 0 && errno == ENOENT)
		return 0;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return eg_fail(e, EG_CONFIG, "'%s' is not a regular file", path);
	if (eg_config_open(&f, path, e) != 0)
		return -1;
	while ((line = eg_config_next(&f, e)) != NULL && parse_line(c, &f, line, e) == 0)
		;
	eg_config_close(&f);
	return e->status == EG_OK ? 0 : -1;
}

int
eg_counter_file_open(struct eg_dlms_counters *c, const char *path, struct eg_error *e)
{
	if (load(c, path, e) != 0)
		return -1;
	if (eg_file_holds_other(path, HEAD))
		return eg_fail(e, EG_CONFIG, "'%s' holds no frame counters: "
		    "name another file, or remove this one", path);
	c->changed = true;
	return eg_counter_file_save(c, path, e);
}

static size_t
put_line(char *at, const struct eg_dlms_meter *m)
{
	size_t len = 0;

	for (size_t b = 0; b < EG_DLMS_TITLE; b++)
		len += (size_t)snprintf(at + len, LINE - len, "%02x", m->title[b]);
	return len + (size_t)snprintf(at + len, LINE - len, " %lu\n", (unsigned long)m->safe);
}

int
eg_counter_file_save(struct eg_dlms_counters *c, const char *path, struct eg_error *e)
{
	size_t len = strlen(HEAD);
	char *text;
	int rc;

	if (!c->changed)
		return 0;
	text = malloc(sizeof(HEAD) + c->n * LINE);
	if (text == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	memcpy(text, HEAD, sizeof(HEAD));
	for (size_t i = 0; i < c->n; i++)
		if (c->meters[i].safe >= 0)
			len += put_line(text + len, &c->meters[i]);
	rc = eg_file_replace(path, text, len, e);
	free(text);
	c->changed = rc != 0;
	return rc;
}
