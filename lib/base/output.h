/* SPDX-License-Identifier: MIT */
/* Standard output in a poll loop, without touching flags that neighbours share. */
#ifndef EG_OUTPUT_H
#define EG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct eg_error;

struct eg_output {
	int fd;
	bool piece; /* a pipe or the like: only PIPE_BUF bytes are sure not to block */
	bool gone;  /* the reader has closed its end */
};

/* Takes fd (which stays the caller's) or says why it cannot be written. */
int eg_output_open(struct eg_output *o, int fd, struct eg_error *e);

/* Writes whole lines from the front of buf, as many as do not block after poll(2)
 * has said POLLOUT: all of it to a file, up to PIPE_BUF bytes to a pipe, where
 * they arrive undivided. Returns the bytes written (0: gone is set), or -1. */
ssize_t eg_output_write(struct eg_output *o, const char *buf, size_t len, struct eg_error *e);

#endif
