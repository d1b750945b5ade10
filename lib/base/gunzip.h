/* SPDX-License-Identifier: MIT */
/* Decompresses a gzip body, up to a maximum size. */
#ifndef EG_GUNZIP_H
#define EG_GUNZIP_H

#include <stddef.h>

enum eg_gunzip {
	EG_GUNZIP_OK,
	EG_GUNZIP_BAD,    /* not gzip, truncated, or damaged */
	EG_GUNZIP_LARGE,  /* the decompressed body is longer than max bytes */
	EG_GUNZIP_MEMORY,
};

/* Decompresses len bytes (one or several gzip members) into *out, which the caller frees, and
 * sets *out_len. On failure *out is NULL. */
enum eg_gunzip eg_gunzip(const char *in, size_t len, size_t max, char **out, size_t *out_len);

#endif
