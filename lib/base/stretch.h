/* SPDX-License-Identifier: MIT */
/* Some bytes of a longer text. */
#ifndef EG_STRETCH_H
#define EG_STRETCH_H

#include <stddef.h>

struct eg_stretch {
	const char *s; /* NULL: it is not there */
	size_t len;
};

#endif
