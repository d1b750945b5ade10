/* SPDX-License-Identifier: MIT */
/* Finds keys that occur again with another value; downstream, the later value replaces the
 * earlier one. */
#ifndef EG_REPEATED_H
#define EG_REPEATED_H

#include <stdbool.h>
#include <stddef.h>

struct eg_repeated;

/* NULL if memory runs out (16 MB are reserved, and used as keys come). */
struct eg_repeated *eg_repeated_new(void);
void eg_repeated_free(struct eg_repeated *r);

/* Whether the key was among about the last million keys with another value. Stores the value for
 * later calls. Compares hashes of 64 and 32 bits. */
bool eg_repeated_check(struct eg_repeated *r, const char *key, size_t key_len, const char *value,
    size_t value_len);

#endif
