/* SPDX-License-Identifier: MIT */
/* Memory that grows: text and arrays whose size is not known before. */
#ifndef EG_BUF_H
#define EG_BUF_H

#include <stdbool.h>
#include <stddef.h>

/* Makes room for at least need items of size bytes. block is the address of the pointer to the
 * items (NULL at first), *room how many items there is room for (0 at first); both change when
 * the block grows, which at least doubles it. Returns false when memory is out; then nothing
 * has changed. The caller frees the items. */
bool eg_buf_grow(void *block, size_t *room, size_t need, size_t size);

#endif
