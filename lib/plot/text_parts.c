/* SPDX-License-Identifier: MIT */
/* Shared by the files that draw text. */
#include "plot/text_parts.h"

#include <string.h>

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
