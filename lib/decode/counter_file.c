/* SPDX-License-Identifier: MIT */
/* A file with the last frame counter of each meter. */
#include "decode/counter_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/config.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/number.h"
#include "decode/dlms_cipher.h"

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
parse_line(struct eg_dlms_keys *k, const struct eg_config *c, char *line, struct eg_error *e)
{
	const char *title = eg_config_word(&line), *counter = eg_config_word(&line);
	unsigned char bytes[EG_DLMS_TITLE] = { 0 };
	struct eg_dlms_plain last = { .title = bytes };
	int64_t n;

	if (title == NULL || counter == NULL || eg_config_word(&line) != NULL ||
	    !parse_title(title, bytes) || eg_int_parse(counter, 0, UINT32_MAX, &n) != EG_NUMBER_OK)
		return eg_config_wrong(c, e, "not the frame counter of a meter");
	last.counter = (uint32_t)n;
	eg_dlms_note(k, &last);
	return 0;
}

static int
load(struct eg_dlms_keys *k, const char *path, struct eg_error *e)
{
	struct eg_config c;
	struct stat st;
	char *line;

	if (stat(path, &st) != 0 && errno == ENOENT)
		return 0;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return eg_fail(e, EG_CONFIG, "'%s' is not a regular file", path);
	if (eg_config_open(&c, path, e) != 0)
		return -1;
	while ((line = eg_config_next(&c, e)) != NULL && parse_line(k, &c, line, e) == 0)
		;
	eg_config_close(&c);
	return e->status == EG_OK ? 0 : -1;
}

int
eg_counter_file_open(struct eg_dlms_keys *k, const char *path, struct eg_error *e)
{
	if (load(k, path, e) != 0)
		return -1;
	k->changed = true;
	return eg_counter_file_save(k, path, e);
}

int
eg_counter_file_save(struct eg_dlms_keys *k, const char *path, struct eg_error *e)
{
	char text[sizeof(HEAD) + EG_DLMS_METERS * LINE];
	size_t len;

	if (!k->changed)
		return 0;
	len = (size_t)snprintf(text, sizeof(text), HEAD);
	for (size_t i = 0; i < k->meters; i++) {
		for (size_t b = 0; b < EG_DLMS_TITLE; b++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%02x", k->seen[i].title[b]);
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %lu\n",
		    (unsigned long)k->seen[i].counter);
	}
	if (eg_file_replace(path, text, len, e) != 0)
		return -1;
	k->changed = false;
	return 0;
}
