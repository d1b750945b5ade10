/* SPDX-License-Identifier: MIT */
/* What the files that draw text share. */
#include "plot/text_parts.h"

#include <string.h>

int
eg_text_length(const char *s)
{
	int n = 0;

	for (; *s != '\0'; s++)
		n += (*s & 0xc0) != 0x80; /* bytes of UTF-8 that begin a character */
	return n;
}

int
eg_text_put(FILE *out, const char *s, int most)
{
	int n = eg_text_length(s), keep = n <= most ? n : most - 1;

	for (int i = 0; i < keep; i++)
		do {
			(void)putc(*s++, out);
		} while ((*s & 0xc0) == 0x80);
	if (n > most)
		(void)fputs("…", out);
	return n > most ? most : n;
}

void
eg_text_place(char *row, int room, int at, const char *label)
{
	int len = (int)strlen(label);

	at = at + len > room ? room - len : at;
	at = at < 0 ? 0 : at;
	if (len == 0 || at + len > room)
		return;
	for (int i = at - 1; i <= at + len; i++)
		if (i >= 0 && i < room && row[i] != ' ')
			return;
	memcpy(row + at, label, (size_t)len);
}

void
eg_text_row(FILE *out, const char *row)
{
	size_t len = strlen(row);

	while (len > 0 && row[len - 1] == ' ')
		len--;
	(void)fwrite(row, 1, len, out);
	(void)putc('\n', out);
}
