/* SPDX-License-Identifier: MIT */
/* Lines that are refused for good: reported on standard error, and kept in the file of
 * --rejects. */
#ifndef EG_REJECTS_H
#define EG_REJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/backoff_log.h"

struct eg_error;
struct eg_reject_kinds;

/* Refused lines are collected in memory, written in groups, and synced before the receipt of any
 * later line: one sync for each group. */
struct eg_rejects {
	const char *path; /* NULL: only reported */
	int fd;
	bool file;    /* a regular file: synced, its folder too */
	bool folder;  /* its folder is synced */
	bool written; /* something was written since the last sync */
	uint64_t count;
	const char *source; /* printed before line numbers, NULL: "line" */
	const char *unit;   /* what is refused: "rows"; NULL: "lines" */
	bool silent;        /* keep and count, without a message */
	bool by_kind;       /* show the first of each kind of reason, and count them by kind */
	struct eg_reject_kinds *kinds; /* NULL: none refused yet */
	char *text; /* not written yet */
	size_t len, room;
	struct eg_backoff_log trouble; /* the disk is full, or nobody reads the FIFO */
};

/* Opens path for appending (NULL: no file). Blocks until a FIFO has a reader. */
int eg_rejects_open(struct eg_rejects *r, const char *path, struct eg_error *e);

/* One refused line: a warning with its place, reason and shortened text (the first
 * 20, or with by_kind the first of each kind; the rest are counted), and for the file a comment with the reason, then the
 * line as it was, so that a mended file can be fed again. lineno 0: no number. -1 when
 * memory is out, or the file cannot be written for good. */
int eg_rejects_add(struct eg_rejects *r, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_error *e);

/* Whether more lines may be refused: false while many wait for a full disk or FIFO. */
bool eg_rejects_room(const struct eg_rejects *r);

/* Writes what was added. 0: written; 1: not now, a full disk or FIFO is waited for, which
 * is warned of once: call again at trouble.retry.due (on eg_mono_ms's clock); -1 with *e: it
 * cannot be kept. Costs nothing when nothing was added. */
int eg_rejects_flush(struct eg_rejects *r, struct eg_error *e);

/* As eg_rejects_flush, and the lines are on disk when it returns 0. Call it before any receipt,
 * acknowledgement or answer that follows a refused line. Blocks for the disk. */
int eg_rejects_sync(struct eg_rejects *r, struct eg_error *e);

/* As eg_rejects_sync, for a program without a loop: waits for a full disk or FIFO, until
 * SIGTERM or SIGINT, after eg_stop_install, ends that with -1. */
int eg_rejects_wait(struct eg_rejects *r, struct eg_error *e);

/* Since when a full disk or FIFO is waited for, on eg_mono_ms's clock; 0: it is not. */
int64_t eg_rejects_away(const struct eg_rejects *r);

/* Reports how many were not shown one by one, and closes the file, synced. -1 with *e
 * (EG_LOCAL_IO) when lines could not be kept. */
int eg_rejects_close(struct eg_rejects *r, struct eg_error *e);

#endif
