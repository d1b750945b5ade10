/* SPDX-License-Identifier: MIT */
/* Signals in a poll loop. SIGTERM and SIGINT ask the program to end, SIGUSR1 asks for a line of
 * counters. SIGPIPE is ignored, so that a closed pipe is an error of write(2). */
#ifndef EG_STOP_H
#define EG_STOP_H

#include <poll.h>
#include <stdbool.h>

struct eg_error;

/* Installs the handlers; further calls do nothing. Call it before anything is read. */
int eg_stop_install(struct eg_error *e);

/* How many SIGTERM or SIGINT have arrived. One that follows a counted one within 500 ms is not
 * counted, since timeout(1) sends two. */
int eg_stop_asked(void);

/* Whether SIGUSR1 has arrived since the last call. */
bool eg_stop_usr1(void);

/* A row for poll(2) that wakes it after a signal (fd -1, which poll(2) skips, before
 * eg_stop_install). Pass it to eg_stop_polled afterwards. */
struct pollfd eg_stop_pollfd(void);
void eg_stop_polled(const struct pollfd *p);

#endif
