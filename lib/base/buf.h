/* SPDX-License-Identifier: MIT */
/* Memory that grows: for text and arrays whose final size is not known. */
#ifndef EG_BUF_H
#define EG_BUF_H

#include <stdbool.h>
#include <stddef.h>

/* Makes room for at least need items of size bytes. block is the address of the pointer to the
 * items (NULL at first). *room is the number of items that fit (0 at first). Both change when
 * the block grows; the new room is at least twice the old one. Returns false if memory runs out,
 * and changes nothing. The caller frees the items. */
bool eg_buf_grow(void *block, size_t *room, size_t need, size_t size);

#endif
