/* SPDX-License-Identifier: MIT */
/* How far a stream has been read, kept in a file. */
#ifndef EG_OFFSET_H
#define EG_OFFSET_H

#include <stdint.h>

struct eg_error;

struct eg_offset {
	const char *path; /* NULL: not kept */
	int64_t saved;    /* what the file holds, -1: there is none yet */
	char next[24];    /* the one behind it, at loading, as text */
	int64_t due;      /* not to be written before this */
};

/* Reads the file at path (kept by reference; NULL: none), which need not exist yet. */
int eg_offset_load(struct eg_offset *o, const char *path, struct eg_error *e);

/* Writes offset when it is one (not -1) and a new one, once a second at most; now is
 * on eg_mono_ms's clock, INT64_MAX: at once. Replaces the file atomically and synced:
 * a crash leaves this offset or the one before. Blocks on the disk. */
int eg_offset_keep(struct eg_offset *o, int64_t offset, int64_t now, struct eg_error *e);

/* Lowers *due to when eg_offset_keep would write offset. */
void eg_offset_poll(const struct eg_offset *o, int64_t offset, int64_t *due);

#endif
