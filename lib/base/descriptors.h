/* SPDX-License-Identifier: MIT */
/* The standard descriptors 0, 1 and 2, any of which may be closed when a program starts. */
#ifndef EG_DESCRIPTORS_H
#define EG_DESCRIPTORS_H

struct eg_error;

/* Opens the null device on each standard descriptor that is closed. So no file, pipe or socket
 * that we open gets the number 0, 1 or 2. Call this before anything is opened. Afterwards,
 * writing to a standard error that was closed has no effect; using a standard input or output
 * that was closed fails. -1 if not even "/" can be opened. */
int eg_descriptors_hold(void);

/* Checks that fd was open for reading (writing) when the program started; `what` names fd in the
 * message. -1 with EG_LOCAL_IO if it was not, also if eg_descriptors_hold opened it. */
int eg_descriptors_readable(int fd, const char *what, struct eg_error *e);
int eg_descriptors_writable(int fd, const char *what, struct eg_error *e);

/* Opens the terminal or pipe of fd a second time, for writing in non-blocking mode. Returns the new
 * descriptor, which the caller closes, or fd itself if it may not be opened. */
int eg_descriptors_own(int fd);

#endif
