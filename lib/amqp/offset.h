/* SPDX-License-Identifier: MIT */
/* The position up to which a stream was read, stored in a file. */
#ifndef EG_OFFSET_H
#define EG_OFFSET_H

#include <stdint.h>

#include "amqp/stream.h"

struct eg_error;

/* The stored position. The file has one line: the offset of the last settled message and, after
 * a blank, its fingerprint as 16 hexadecimal digits. Without a fingerprint, as a person writes it,
 * the offset is that of the first message to read. */
struct eg_offset {
	const char *path;         /* path of the file; NULL: not stored */
	struct eg_position saved; /* position in the file */
	int64_t due;              /* earliest time of the next write */
};

/* Reads the file at path; NULL: none. The string must stay valid. The file need not exist. -1
 * with EG_CONFIG if its content is invalid, with EG_LOCAL_IO if it cannot be read or replaced. */
int eg_offset_load(struct eg_offset *o, const char *path, struct eg_error *e);

/* Writes the position `at` if it differs from the stored one, at most once a second. now is on
 * eg_mono_ms's clock; INT64_MAX: write at once. The file is replaced atomically and synced, so
 * after a crash it holds this position or the one before. Blocks for the disk. */
int eg_offset_keep(struct eg_offset *o, struct eg_position at, int64_t now, struct eg_error *e);

/* Lowers *due to the time when eg_offset_keep would write `at`. */
void eg_offset_poll(const struct eg_offset *o, struct eg_position at, int64_t *due);

#endif
