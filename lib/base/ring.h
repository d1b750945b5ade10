/* SPDX-License-Identifier: MIT */
/* A ring buffer that is mapped twice, back to back, so that any part of it is contiguous. */
#ifndef EG_RING_H
#define EG_RING_H

#include <stddef.h>

struct eg_error;

/* Maps size bytes (a power of two, a multiple of the page size) of zeroes; byte i
 * and byte i + size are the same one, for i < size. NULL with *e on failure. The
 * memory lives until eg_ring_unmap with the same size. */
void *eg_ring_map(size_t size, struct eg_error *e);
void eg_ring_unmap(void *base, size_t size);

#endif
