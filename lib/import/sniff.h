/* SPDX-License-Identifier: MIT */
/* What a file is, by its first bytes, when it is not CSV. */
#ifndef EG_SNIFF_H
#define EG_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

struct eg_sniffed {
	const char *what;   /* "a gzip file" */
	const char *advice; /* what to do with it; static storage, as what */
	bool text;          /* it may be CSV all the same */
};

/* Looks at the first len bytes of a file; more than 1 KiB does not help. False: nothing speaks
 * against CSV. */
bool eg_sniff(const char *s, size_t len, struct eg_sniffed *out);

#endif
