/* SPDX-License-Identifier: MIT */
/* Standard output in a poll loop, without O_NONBLOCK, which other processes would share. */
#ifndef EG_OUTPUT_H
#define EG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct eg_error;

struct eg_output {
	int fd;      /* descriptor to poll; a second one for a terminal or pipe, see eg_output_open */
	int given;   /* the descriptor of the caller */
	bool piece;  /* write at most PIPE_BUF bytes at once; false for a regular file and /dev/null */
	bool polled; /* ask poll(2) before each write, which may block */
	bool socket; /* a socket: written with send(2), which can be non-blocking */
	bool gone;   /* the reader has closed its end */
};

/* Prepares fd, which the caller owns. -1 with *e if it cannot be written. A terminal or a
 * pipe is opened a second time in non-blocking mode, where that is allowed. */
int eg_output_open(struct eg_output *o, int fd, struct eg_error *e);

/* Closes fd and the second descriptor, so that the reader sees the end. -1 with *e and
 * EG_LOCAL_IO if what was written is not kept. */
int eg_output_close(struct eg_output *o, struct eg_error *e);

/* Whether revents of poll(2) shows that the reader is gone; then sets gone. A socket and a
 * terminal report POLLHUP, a pipe POLLERR. */
bool eg_output_hung_up(struct eg_output *o, short revents);

/* Whether a write can be tried now. Does not block. */
bool eg_output_ready(const struct eg_output *o);

/* Writes a part of buf, from its start. buf ends with a newline. Call it when eg_output_ready
 * says so, or after poll(2) reported POLLOUT. Returns the bytes written, or -1 with *e; 0 if gone
 * is set or nothing can be written now. In a pipe, whole lines of together up to PIPE_BUF bytes
 * are written at once and never block; a longer line is written in pieces of PIPE_BUF. Elsewhere
 * the write may stop within a line. The next call must begin with the first byte that was not
 * written. */
ssize_t eg_output_write(struct eg_output *o, const char *buf, size_t len, struct eg_error *e);

/* Writes all of buf, which holds whole lines. Blocks. After eg_stop_install, SIGTERM and SIGINT
 * end the wait with -1 and EG_TEMPORARY. -1 with EG_LOCAL_IO if it cannot be written or gone is
 * set. */
int eg_output_write_all(struct eg_output *o, const char *buf, size_t len, struct eg_error *e);

/* The same for *left bytes; then *left is how many were not written. */
int eg_output_write_left(struct eg_output *o, const char *buf, size_t *left, struct eg_error *e);

/* Completes a line that was written in part: writes the rest of it, from the start of buf to the
 * first newline. Waits at most one second for the reader. */
void eg_output_end_line(struct eg_output *o, const char *buf, size_t len);

/* Standard output as a stream of stdio(3), open until the program ends; NULL if memory runs out.
 * Where stdout fails, since another process has made the pipe non-blocking and it is full, this one
 * waits. A failed write leaves its reason in errno. */
FILE *eg_output_stream(void);

#endif
