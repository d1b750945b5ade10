/* SPDX-License-Identifier: MIT */
/* A ring buffer that is mapped twice in a row, so that each part of it is contiguous in memory. */
#ifndef EG_RING_H
#define EG_RING_H

#include <stddef.h>

struct eg_error;

/* Maps size zero bytes (a power of two and a multiple of the page size). Byte i and byte i +
 * size are the same memory, for i < size. NULL with *e: EG_BUG if memory runs out, EG_LOCAL_IO
 * if a limit on the size of files is smaller. Free it with eg_ring_unmap and the same size. */
void *eg_ring_map(size_t size, struct eg_error *e);
void eg_ring_unmap(void *base, size_t size);

#endif
