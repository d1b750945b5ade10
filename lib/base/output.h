/* SPDX-License-Identifier: MIT */
/* Standard output in a poll loop, without touching flags that neighbours share. */
#ifndef EG_OUTPUT_H
#define EG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct eg_error;

struct eg_output {
	int fd;      /* to poll: for a terminal a descriptor of our own, see eg_output_open */
	bool piece;  /* not a regular file: ask poll(2) before each write */
	bool socket; /* written by send(2), which can be asked not to block */
	bool gone;   /* the reader has closed its end */
};

/* Takes fd (which stays the caller's) or says why it cannot be written. A terminal is
 * opened once more for ourselves, without blocking; that descriptor lives as long as the
 * process. */
int eg_output_open(struct eg_output *o, int fd, struct eg_error *e);

/* Whether poll(2) has said by revents that nobody reads any more; sets gone. POLLHUP is
 * what a socket and a terminal say, POLLERR a pipe. */
bool eg_output_hung_up(struct eg_output *o, short revents);

/* Whether a write can be tried now. Does not block. */
bool eg_output_ready(const struct eg_output *o);

/* Writes from the front of buf, which begins where the last call ended and holds whole
 * lines to its end. Call it when poll(2) has said POLLOUT. Returns how many bytes are
 * written, or -1: up to PIPE_BUF in whole lines to a pipe, where they arrive undivided and
 * do not block; else any number, also to the middle of a line: the rest has to follow
 * before anything else. 0: gone is set, or nothing could be written now. */
ssize_t eg_output_write(struct eg_output *o, const char *buf, size_t len, struct eg_error *e);

/* Writes all of buf, which holds whole lines. Blocks, but SIGTERM and SIGINT, after
 * eg_stop_install, end it with -1 and EG_TEMPORARY. -1 with EG_LOCAL_IO when it cannot be
 * written, also when gone is set. */
int eg_output_write_all(struct eg_output *o, const char *buf, size_t len, struct eg_error *e);

/* Ends a line that was written in part: writes what is left of it, the front of buf to its
 * first newline, and waits a second at most for the reader to take it. */
void eg_output_end_line(struct eg_output *o, const char *buf, size_t len);

#endif
