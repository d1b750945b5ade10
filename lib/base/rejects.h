/* SPDX-License-Identifier: MIT */
/* Lines that are refused for good: reports them on standard error, and keeps them in the file of
 * --rejects. */
#ifndef EG_REJECTS_H
#define EG_REJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/backoff_log.h"

struct eg_error;
struct eg_reject_kinds;

/* Refused lines are collected in memory and written in groups. Each group is synced once, before
 * the receipt of any later line. */
struct eg_rejects {
	const char *path; /* path of the file; NULL: refused lines are only reported */
	int fd;
	bool file;    /* a regular file: it and its folder must be synced */
	bool folder;  /* the folder is synced */
	bool written; /* something was written after the last sync */
	uint64_t count;
	const char *source; /* printed before line numbers; NULL: "line" */
	const char *unit;   /* what is refused, for messages: "rows"; NULL: "lines" */
	bool silent;        /* keep and count, without a message */
	bool raw;           /* keep newlines within what is refused: it has a form of its own, in
			     * which the file is read again */
	bool by_kind;       /* report the first refusal of each kind, and count the others by
			     * kind */
	struct eg_reject_kinds *kinds; /* NULL: nothing was refused yet */
	struct eg_reject_kinds *reasons; /* the caller's: counts each refusal by its kind, also
					  * those that are not shown; NULL: none */
	char *text; /* text that is not written yet */
	size_t len, room;
	struct eg_backoff_log trouble; /* waiting: the disk is full, or the FIFO has no reader */
};

/* No file is open: eg_rejects_close does nothing. */
#define EG_REJECTS_INIT ((struct eg_rejects){ .fd = -1 })

/* Opens path for appending; NULL: no file. Blocks until a FIFO has a reader. -1 with *e; with
 * EG_USAGE: it is a SQLite database. */
int eg_rejects_open(struct eg_rejects *r, const char *path, struct eg_error *e);

/* Refuses one line. Warns with its place, the reason and the shortened text: for the first 20
 * lines, or with by_kind for the first of each kind; further ones are counted. Adds to the file
 * a comment with the reason, and the unchanged line, so that the file can be corrected and read
 * again. Each newline in it becomes a carriage return, unless raw is set: what follows one would be
 * read as a line of its own, and be taken. A carriage return is white space in JSON as a newline
 * is, and refused in a record. lineno 0: no line number. -1 if memory runs out or the file has a
 * permanent error. */
int eg_rejects_add(struct eg_rejects *r, uint64_t lineno, const char *line, size_t len,
    const char *reason, struct eg_error *e);

/* Whether more lines can be refused; false while many lines wait for a full disk or a FIFO. */
bool eg_rejects_room(const struct eg_rejects *r);

/* Writes the lines that were added. Returns 0 when all are written. Returns 1 while the disk is
 * full or the FIFO has no reader (warns once): call it again at trouble.retry.due, on
 * eg_mono_ms's clock. Returns -1 with *e for a permanent error. Cheap when nothing was added. */
int eg_rejects_flush(struct eg_rejects *r, struct eg_error *e);

/* As eg_rejects_flush, and 0 means that the lines are on disk. Call it before any receipt,
 * acknowledgement or answer that follows a refused line. Blocks for the disk. */
int eg_rejects_sync(struct eg_rejects *r, struct eg_error *e);

/* As eg_rejects_sync, for a program without a loop: blocks while the disk is full or the FIFO
 * has no reader. After eg_stop_install, SIGTERM or SIGINT end the wait with -1. */
int eg_rejects_wait(struct eg_rejects *r, struct eg_error *e);

/* The time since when the disk is full or the FIFO has no reader, on eg_mono_ms's clock; 0: not
 * waiting. */
int64_t eg_rejects_away(const struct eg_rejects *r);

/* Reports the number of refusals that were not reported one by one; syncs and closes the file.
 * -1 with *e (EG_LOCAL_IO) if lines could not be kept. */
int eg_rejects_close(struct eg_rejects *r, struct eg_error *e);

#endif
