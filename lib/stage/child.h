/* SPDX-License-Identifier: MIT */
/* A downstream that runs as a child process. Writes records to its standard input, and matches
 * the receipts from its standard output. */
#ifndef EG_CHILD_H
#define EG_CHILD_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct eg_error;
struct eg_child;

/* Whole lines that belong together for the caller (a delivery, a request, a batch). The caller
 * owns chunk and text and keeps both until settled or dropped is called. */
struct eg_chunk {
	const char *text; /* records, each with its newline */
	size_t len;       /* length in bytes, > 0 */
	/* A comment line before the text, or NULL. It has no receipt. It is repeated whenever
	 * text of the chunk is written again. */
	const char *head;
	size_t head_len;
	int64_t since;    /* time of eg_child_send, on eg_mono_ms's clock */
	/* private to eg_child: */
	struct eg_chunk *next;
	size_t matched; /* bytes of the lines that are safe or refused */
};

/* The lines of u that are neither safe nor refused. u NULL: empty. */
struct eg_slice eg_chunk_left(const struct eg_chunk *u);

/* eg_child_work calls settled and refused; eg_child_drop calls dropped. They may call
 * eg_child_send, but no other function of this file. */
struct eg_child_calls {
	/* The child refused one line: it printed a later receipt without this one, or it ended
	 * with 65 at the end of its input. len excludes the newline. */
	void (*refused)(void *ctx, struct eg_chunk *u, const char *line, size_t len);
	/* Every line of u is refused or safe. The caller owns u again. */
	void (*settled)(void *ctx, struct eg_chunk *u);
	/* The caller owns u again. Lines without a receipt may be safe or not. */
	void (*dropped)(void *ctx, struct eg_chunk *u);
};

/* Prepares a child from argv (searched in PATH, ends with NULL, must stay valid). eg_child_work
 * starts it when there is something to send (see also eg_child_start), as eg_process_start does:
 * it is killed when this process ends. NULL if memory runs out. */
struct eg_child *eg_child_new(char *const argv[], const struct eg_child_calls *calls, void *ctx,
    struct eg_error *e);

/* Starts the child before there is anything to send, so that the first chunk does not wait for
 * it. If it ends again before that, the next chunk starts another. Does not block. -1 with
 * EG_CONFIG: the command cannot be run. */
int eg_child_start(struct eg_child *c, struct eg_error *e);

/* Kills the child, drops every chunk, and frees c. NULL is allowed. */
void eg_child_free(struct eg_child *c);

/* The child's name in messages, kept by reference. The default is argv[0]. */
void eg_child_name(struct eg_child *c, const char *name);

/* Makes the child warn, once in a row, when it has given no receipt for 10 s, and when it gives
 * one again. A parent that has messages of its own for that does not call it. */
void eg_child_warn_quiet(struct eg_child *c);

/* Ends the pause before the next start. */
void eg_child_hurry(struct eg_child *c);

/* Queues u after the others. Does not block. If the child's input was closed by eg_child_close,
 * u waits until that child has ended and a new one runs. */
void eg_child_send(struct eg_child *c, struct eg_chunk *u);

#define EG_CHILD_FDS 3

/* Fills fds for poll(2), unused ones with fd -1, and lowers *due (eg_mono_ms's clock)
 * to the child's own next deadline (a pause before a restart, a kill). */
void eg_child_poll(struct eg_child *c, struct pollfd fds[EG_CHILD_FDS], int64_t *due);

/* Does the work that is due: starts the child, reads and matches receipts, and writes what the
 * pipe accepts. Call it after poll(2), or at any time with revents 0. Does not block. If a child
 * ends, or prints a line that it did not get, this warns and starts it again after a growing
 * pause; lines without a receipt are sent again. -1 if a restart is useless: the child cannot be
 * run, or ended with 64 or 78 (e: EG_CONFIG). */
int eg_child_work(struct eg_child *c, struct pollfd fds[EG_CHILD_FDS], struct eg_error *e);

/* Closes the child's input after everything queued is written, so that the child settles it and
 * ends. Its status decides whether lines without a receipt are refused (65) or sent again. Does
 * nothing if no child runs. */
void eg_child_close(struct eg_child *c);

/* Drops every chunk and ends the child's process group: SIGTERM, and SIGKILL after grace_ms.
 * Later receipts of this child do not count. The next eg_child_send starts another child. Does
 * not wait. */
void eg_child_drop(struct eg_child *c, int64_t grace_ms);

/* Ends the child as eg_child_drop does, but keeps the chunks. The next child starts at once and
 * gets the lines without a receipt. The chunks count as sent at the current time. */
void eg_child_again(struct eg_child *c, int64_t grace_ms);

/* Whether every chunk is settled. */
bool eg_child_idle(const struct eg_child *c);

/* Whether there is a process; it may be ending. */
bool eg_child_running(const struct eg_child *c);

/* Whether there is a process that is being ended; its receipts are not read. */
bool eg_child_ending(const struct eg_child *c);

/* Times on eg_mono_ms's clock: when the oldest chunk was sent (0: there is none), and when a
 * byte was last written to the child or a receipt was read. */
int64_t eg_child_oldest(const struct eg_child *c);
int64_t eg_child_moved(const struct eg_child *c);

/* The lines of the oldest chunk that are neither safe nor refused; empty: there is none. */
struct eg_slice eg_child_oldest_text(const struct eg_child *c);

/* The number of starts. */
uint64_t eg_child_starts(const struct eg_child *c);

#endif
