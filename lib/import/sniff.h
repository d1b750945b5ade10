/* SPDX-License-Identifier: MIT */
/* Recognises by its first bytes a file that is not CSV. */
#ifndef EG_SNIFF_H
#define EG_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

struct eg_sniffed {
	const char *what;   /* description: "a gzip file"; static storage */
	const char *advice; /* what the user should do with it; static storage */
	bool text;          /* it may still be CSV */
};

/* Checks the first len bytes of a file; 1 KiB is enough. Returns false if it may be CSV. */
bool eg_sniff(const char *s, size_t len, struct eg_sniffed *out);

#endif
