/* SPDX-License-Identifier: MIT */
/* Signals as flags and a descriptor to poll: TERM and INT ask to end, USR1 for a
 * line of counters; PIPE is ignored, so that a closed pipe is an error of write(2). */
#ifndef EG_STOP_H
#define EG_STOP_H

#include <stdbool.h>

struct eg_error;

/* Installs the handlers, once however often it is called. Before anything is read. */
int eg_stop_install(struct eg_error *e);

/* How often TERM or INT has come. Those less than 500 ms after one that was counted are
 * the same one: timeout(1) sends two. */
int eg_stop_asked(void);

/* Whether USR1 has come since the last call. */
bool eg_stop_usr1(void);

/* A descriptor that is readable after a signal, for poll(2); eg_stop_drain
 * empties it and must be called when it was. Owned by this module. */
int eg_stop_fd(void);
void eg_stop_drain(void);

#endif
