/* SPDX-License-Identifier: MIT */
/* Some bytes of a longer text. */
#ifndef EG_SLICE_H
#define EG_SLICE_H

#include <stddef.h>

struct eg_slice {
	const char *s; /* NULL: it is not there */
	size_t len;
};

#endif
