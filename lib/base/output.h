/* SPDX-License-Identifier: MIT */
/* Standard output in a poll loop, without O_NONBLOCK, which other processes would share. */
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

/* Prepares fd, which the caller still owns. -1 with *e if it cannot be written. A terminal is
 * opened once more in non-blocking mode; that descriptor is never closed. */
int eg_output_open(struct eg_output *o, int fd, struct eg_error *e);

/* Whether revents of poll(2) show that the reader is gone; sets gone. A socket and a terminal
 * report POLLHUP, a pipe POLLERR. */
bool eg_output_hung_up(struct eg_output *o, short revents);

/* Whether a write can be tried now. Does not block. */
bool eg_output_ready(const struct eg_output *o);

/* Writes the front of buf, which begins where the last call stopped and ends with a newline.
 * Call it after poll(2) reported POLLOUT. Returns the bytes written, or -1 with *e. To a pipe
 * these are whole lines of up to PIPE_BUF bytes, which are written at once and never block;
 * a longer line is written in pieces of PIPE_BUF.
 * Otherwise it may stop within a line; then write the rest of that line next. 0: gone is set, or
 * nothing can be written now. */
ssize_t eg_output_write(struct eg_output *o, const char *buf, size_t len, struct eg_error *e);

/* Writes all of buf, which holds whole lines. Blocks, but SIGTERM and SIGINT, after
 * eg_stop_install, end it with -1 and EG_TEMPORARY. -1 with EG_LOCAL_IO when it cannot be
 * written, also when gone is set. */
int eg_output_write_all(struct eg_output *o, const char *buf, size_t len, struct eg_error *e);

/* Ends a line that was written in part: writes what is left of it, the front of buf to its
 * first newline, and waits a second at most for the reader to take it. */
void eg_output_end_line(struct eg_output *o, const char *buf, size_t len);

#endif
