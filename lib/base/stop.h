/* SPDX-License-Identifier: MIT */
/* Signals as flags and a descriptor to poll: TERM and INT ask to end, USR1 for a
 * line of counters; PIPE is ignored, so that a closed pipe is an error of write(2). */
#ifndef EG_STOP_H
#define EG_STOP_H

#include <poll.h>
#include <stdbool.h>

struct eg_error;

/* Installs the handlers, once however often it is called. Before anything is read. */
int eg_stop_install(struct eg_error *e);

/* How often TERM or INT has come. Those less than 500 ms after one that was counted are
 * the same one: timeout(1) sends two. */
int eg_stop_asked(void);

/* Whether USR1 has come since the last call. */
bool eg_stop_usr1(void);

/* A row for poll(2) that wakes it after a signal (fd -1, which poll(2) skips, before
 * eg_stop_install). Pass it to eg_stop_polled afterwards. */
struct pollfd eg_stop_pollfd(void);
void eg_stop_polled(const struct pollfd *p);

#endif
