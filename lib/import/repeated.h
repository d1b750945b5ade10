/* SPDX-License-Identifier: MIT */
/* Keys that come again with another value: the later one replaces the earlier, downstream. */
#ifndef EG_REPEATED_H
#define EG_REPEATED_H

#include <stdbool.h>
#include <stddef.h>

struct eg_repeated;

/* NULL: out of memory (16 MB are reserved, and used as keys come). */
struct eg_repeated *eg_repeated_new(void);
void eg_repeated_free(struct eg_repeated *r);

/* Whether the key was seen among about the last million keys with another value. The value
 * is kept for the next time. Compares hashes of 64 and 32 bits. */
bool eg_repeated_check(struct eg_repeated *r, const char *key, size_t key_len, const char *value,
    size_t value_len);

#endif
