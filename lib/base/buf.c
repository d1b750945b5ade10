/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_BYTES = 256 };

bool
eg_buf_grow(void *block, size_t *room, size_t need, size_t size)
{
	size_t more;
	void *items, *moved;

	if (need <= *room)
		return true;
	more = *room > 0 ? 2 * *room : LEAST_BYTES / size + 1;
	if (more < need)
		more = need;
	/* block points to a `T *`. Copying its bytes avoids an access through `void **`, which
	 * would break C's aliasing rule. */
	memcpy(&items, block, sizeof(items));
	moved = reallocarray(items, more, size);
	if (moved == NULL)
		return false;
	memcpy(block, &moved, sizeof(moved));
	*room = more;
	/* cppcheck-suppress memleak ; block has it */
	return true;
}
