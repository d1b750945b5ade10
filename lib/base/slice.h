/* SPDX-License-Identifier: MIT */
/* A part of a longer text: a pointer and a length. */
#ifndef EG_SLICE_H
#define EG_SLICE_H

#include <stddef.h>

struct eg_slice {
	const char *s; /* start; NULL: absent */
	size_t len;
};

#endif
