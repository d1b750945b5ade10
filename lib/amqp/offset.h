/* SPDX-License-Identifier: MIT */
/* How far a stream has been read, kept in a file. */
#ifndef EG_OFFSET_H
#define EG_OFFSET_H

#include <stdint.h>

#include "amqp/stream.h"

struct eg_error;

/* The file holds a line: the offset of the last message that was settled and, behind a
 * blank, its fingerprint as 16 hexadecimal digits; this may be missing. */
struct eg_offset {
	const char *path;         /* NULL: not kept */
	struct eg_position saved; /* what the file holds */
	int64_t due;              /* not to be written before this */
};

/* Reads the file at path (kept by reference; NULL: none), which need not exist yet. -1
 * with EG_CONFIG if it holds anything else, with EG_LOCAL_IO if it cannot be read. */
int eg_offset_load(struct eg_offset *o, const char *path, struct eg_error *e);

/* Writes at when it is a position and a new one, once a second at most; now is on
 * eg_mono_ms's clock, INT64_MAX: at once. Replaces the file atomically and synced: a
 * crash leaves this position or the one before. Blocks on the disk. */
int eg_offset_keep(struct eg_offset *o, struct eg_position at, int64_t now, struct eg_error *e);

/* Lowers *due to when eg_offset_keep would write at. */
void eg_offset_poll(const struct eg_offset *o, struct eg_position at, int64_t *due);

#endif
