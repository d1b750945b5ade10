/* SPDX-License-Identifier: MIT */
/* Decompresses a gzip body, up to a maximum size. */
#include "base/gunzip.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

enum { WINDOW_GZIP = 15 + 16, FIRST_ROOM = 4096 };

/* Makes room for more output, up to max + 1 bytes. If byte max + 1 is written, the body is too
 * long. */
static bool
grow_output(char **out, size_t *room, size_t max)
{
	size_t more = *room == 0 ? FIRST_ROOM : 2 * *room;
	char *p;

	if (more > max + 1)
		more = max + 1;
	p = realloc(*out, more);
	if (p == NULL)
		return false;
	*out = p;
	*room = more;
	return true;
}

static enum eg_gunzip
inflate_all(z_stream *z, size_t max, char **out, size_t *room, size_t *len)
{
	for (;;) {
		int rc;

		if (*len > max)
			return EG_GUNZIP_LARGE;
		if (*len == *room && !grow_output(out, room, max))
			return EG_GUNZIP_MEMORY;
		z->next_out = (Bytef *)*out + *len;
		z->avail_out = (uInt)(*room - *len);
		rc = inflate(z, Z_NO_FLUSH);
		*len = *room - z->avail_out;
		if (rc == Z_STREAM_END && z->avail_in == 0)
			return *len > max ? EG_GUNZIP_LARGE : EG_GUNZIP_OK;
		if (rc == Z_STREAM_END)
			rc = inflateReset(z);
		else if (rc == Z_OK && z->avail_in == 0 && z->avail_out > 0)
			return EG_GUNZIP_BAD;
		if (rc == Z_MEM_ERROR)
			return EG_GUNZIP_MEMORY;
		if (rc != Z_OK)
			return EG_GUNZIP_BAD;
	}
}

enum eg_gunzip
eg_gunzip(const char *in, size_t len, size_t max, char **out, size_t *out_len)
{
	z_stream z = { .next_in = (z_const Bytef *)(uintptr_t)in, .avail_in = (uInt)len };
	enum eg_gunzip how;
	size_t room = 0;

	*out = NULL;
	*out_len = 0;
	if (len > UINT32_MAX || max >= UINT32_MAX)
		return EG_GUNZIP_LARGE;
	if (inflateInit2(&z, WINDOW_GZIP) != Z_OK)
		return EG_GUNZIP_MEMORY;
	how = inflate_all(&z, max, out, &room, out_len);
	(void)inflateEnd(&z);
	if (how != EG_GUNZIP_OK) {
		free(*out);
		*out = NULL;
	}
	return how;
}
