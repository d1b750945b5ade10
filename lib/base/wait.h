/* SPDX-License-Identifier: MIT */
/* Waits for descriptors, signals and time. Only this file and libraries call poll(2). */
#ifndef EG_WAIT_H
#define EG_WAIT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks until an fd is ready, a signal arrives, or the time due on eg_mono_ms's clock has come.
 * due INT64_MAX: no limit; due in the past: does not block. Sets each revents. Returns whether
 * an fd is ready. */
bool eg_wait_fds(struct pollfd *fds, size_t n, int64_t due);

/* As eg_wait_fds, with due in nanoseconds on eg_mono_ns's clock. */
bool eg_wait_fds_ns(struct pollfd *fds, size_t n, int64_t due_ns);

/* The current revents of fd; does not block. POLLERR and POLLHUP are reported without being in
 * events. */
short eg_wait_revents(int fd, short events);

/* Makes each wait of this file, of any thread, end with a look at the pipe fd: if its other end is
 * closed, this process is killed (SIGKILL). Call this before a second thread is started. */
void eg_wait_end_with(int fd);

/* Sleeps for ms milliseconds. A signal ends the pause early. */
void eg_wait_ms(int64_t ms);

#endif
