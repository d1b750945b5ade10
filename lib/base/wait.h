/* SPDX-License-Identifier: MIT */
/* Waiting for descriptors, for signals and for time: poll(2) is called here, and nowhere else
 * but by libraries. */
#ifndef EG_WAIT_H
#define EG_WAIT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks until one of fds is ready, a signal arrives, or the time due on eg_mono_ms's clock
 * (INT64_MAX: no limit; in the past: does not block). Sets each revents, to 0 when nothing is
 * ready. Returns whether one is ready. */
bool eg_wait_fds(struct pollfd *fds, size_t n, int64_t due);

/* As eg_wait_fds, with due in nanoseconds on eg_mono_ns's clock. */
bool eg_wait_fds_ns(struct pollfd *fds, size_t n, int64_t due_ns);

/* Returns the revents of fd now, without blocking. POLLERR and POLLHUP need no event. */
short eg_wait_revents(int fd, short events);

/* Sleeps for ms milliseconds. A signal ends the pause early. */
void eg_wait_ms(int64_t ms);

#endif
