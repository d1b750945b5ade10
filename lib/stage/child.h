/* SPDX-License-Identifier: MIT */
/* A downstream run as a child: fed on its standard input, its receipts matched. */
#ifndef EG_CHILD_H
#define EG_CHILD_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;
struct eg_child;

/* Some whole lines that share a fate for the caller (a delivery, a request, a batch).
 * The caller owns unit and text and keeps both until settled or dropped is called. */
struct eg_chunk {
	const char *text; /* records, each with its newline */
	size_t len;       /* bytes; more than 0 */
	/* A comment line in front of the text, or NULL. It has no receipt, and is written
	 * again before any part of the text is. */
	const char *head;
	size_t head_len;
	int64_t since;    /* when it was given to eg_child_send, on eg_mono_ms's clock */
	/* eg_child's own: */
	struct eg_chunk *next;
	size_t matched; /* bytes with a fate, to the end of a line */
};

/* Called from eg_child_work (settled, refused) and eg_child_drop (dropped); of this
 * module only eg_child_send may be called from within. */
struct eg_child_calls {
	/* One line (its newline not counted) was refused for good by the child: a later
	 * receipt came without it, or the child ended with 65 at the end of its input. */
	void (*refused)(void *ctx, struct eg_chunk *u, const char *line, size_t len);
	/* All lines of u have their fate: those not refused are safe. u is the caller's. */
	void (*settled)(void *ctx, struct eg_chunk *u);
	/* u is given back with no word on its unmatched lines. */
	void (*dropped)(void *ctx, struct eg_chunk *u);
};

/* Prepares a child from argv (looked up in PATH, NULL-terminated, kept by reference);
 * it is started by eg_child_work when there is something to send, in a process
 * group of its own, with signals at their defaults. NULL when memory is out. */
struct eg_child *eg_child_new(char *const argv[], const struct eg_child_calls *calls, void *ctx,
    struct eg_error *e);

/* Kills what still runs, drops every unit, frees. */
void eg_child_free(struct eg_child *c);

/* What messages call it, kept by reference; unless told argv[0]. */
void eg_child_name(struct eg_child *c, const char *name);

/* The next start need not wait for the rest of a pause. */
void eg_child_hurry(struct eg_child *c);

/* Queues u behind the others. Never blocks. A child whose input was closed by
 * eg_child_close takes it up when it has ended and been started again. */
void eg_child_send(struct eg_child *c, struct eg_chunk *u);

#define EG_CHILD_FDS 3

/* Fills fds for poll(2), unused ones with fd -1, and lowers *due (eg_mono_ms's clock)
 * to the child's own next deadline (a pause before a restart, a kill). */
void eg_child_poll(struct eg_child *c, struct pollfd fds[EG_CHILD_FDS], int64_t *due);

/* After poll(2), or at any time with revents 0: starts the child when that is due,
 * reads receipts, matches, writes what the pipe takes. Never blocks. A child that
 * ends or breaks the rule (an echo that it was not given, or not yet) is warned
 * of, ended, and started again after growing pauses; what it gave no receipt for
 * is sent again. -1 when there is no sense in that: it cannot be run, or ended
 * with 64 or 78 (e: EG_CONFIG). */
int eg_child_work(struct eg_child *c, struct pollfd fds[EG_CHILD_FDS], struct eg_error *e);

/* Closes the child's input once all that is queued is written: it settles and
 * ends, and by its status lines without a receipt are refused (65) or sent again.
 * A way to ask what became of the last lines. Nothing happens when none runs. */
void eg_child_close(struct eg_child *c);

/* Gives every unit back (dropped) and ends the child with SIGTERM, after grace_ms
 * with SIGKILL (to its process group); a later eg_child_send starts another. What
 * the old one may still echo counts for nothing. Does not wait. */
void eg_child_drop(struct eg_child *c, int64_t grace_ms);

/* Ends the child likewise, but what has no fate is written to the next one, which is
 * started at once; all units count as sent now. */
void eg_child_again(struct eg_child *c, int64_t grace_ms);

/* Whether nothing is queued or without a fate. */
bool eg_child_idle(const struct eg_child *c);

/* Whether a process is there (running, or being ended). */
bool eg_child_running(const struct eg_child *c);

/* Whether a process is there that nobody listens to any more. */
bool eg_child_ending(const struct eg_child *c);

/* When the oldest unit was sent (eg_mono_ms's clock, 0: none), and when anything
 * last moved: a line written to the child or a receipt read. */
int64_t eg_child_oldest(const struct eg_child *c);
int64_t eg_child_moved(const struct eg_child *c);

/* How often the child was started. */
uint64_t eg_child_starts(const struct eg_child *c);

#endif
