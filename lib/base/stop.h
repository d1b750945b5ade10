/* SPDX-License-Identifier: MIT */
/* Signals in a poll loop. SIGTERM and SIGINT ask the program to end; SIGUSR1 asks for a line of
 * counters. SIGPIPE is ignored, so that write(2) reports a closed pipe as an error. */
#ifndef EG_STOP_H
#define EG_STOP_H

#include <poll.h>
#include <stdbool.h>

struct eg_error;

/* Installs the handlers; further calls do nothing. Call it before input is read. */
int eg_stop_install(struct eg_error *e);

/* The number of SIGTERM and SIGINT so far. A signal within 500 ms of the last counted one is
 * ignored, since timeout(1) sends two. */
int eg_stop_asked(void);

/* Whether SIGUSR1 has arrived since the last call. */
bool eg_stop_usr1(void);

/* An entry for poll(2) that becomes ready after a signal; fd is -1 (ignored by poll(2)) before
 * eg_stop_install. Pass it to eg_stop_polled afterwards. */
struct pollfd eg_stop_pollfd(void);
void eg_stop_polled(const struct pollfd *p);

#endif
