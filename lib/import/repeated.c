/* SPDX-License-Identifier: MIT */
/* Finds keys that are repeated with another value. */
#include "import/repeated.h"

#include <stdint.h>
#include <stdlib.h>

#include <xxhash.h>

enum { PLACES = 1024 * 1024 };

/* A place belongs to a key until another key needs it. */
struct place {
	uint64_t key;
	uint32_t value;
};

struct eg_repeated {
	struct place at[PLACES];
};

struct eg_repeated *
eg_repeated_new(void)
{
	return calloc(1, sizeof(struct eg_repeated));
}

void
eg_repeated_free(struct eg_repeated *r)
{
	free(r);
}

bool
eg_repeated_check(struct eg_repeated *r, const char *key, size_t key_len, const char *value,
    size_t value_len)
{
	uint64_t hash = XXH3_64bits(key, key_len);
	uint32_t of_value = (uint32_t)XXH3_64bits(value, value_len);
	struct place *p = &r->at[hash % PLACES];
	bool again = p->key == hash && p->value != of_value;

	*p = (struct place){ hash, of_value };
	return again;
}
