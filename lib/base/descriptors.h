/* SPDX-License-Identifier: MIT */
/* The descriptors 0, 1 and 2, which a program may be started without. */
#ifndef EG_DESCRIPTORS_H
#define EG_DESCRIPTORS_H

struct eg_error;

/* Gives each of them that is closed to the null device, so that no file, pipe or socket of
 * ours takes its number. Call it before anything is opened. What is then written to
 * standard error is lost; reading standard input or writing standard output fails. -1
 * where not even the root folder can be opened. */
int eg_descriptors_hold(void);

/* Whether fd, called what in the message, is open for reading or for writing: -1 with
 * EG_LOCAL_IO when not. A descriptor that eg_descriptors_hold had to open is not. */
int eg_descriptors_readable(int fd, const char *what, struct eg_error *e);
int eg_descriptors_writable(int fd, const char *what, struct eg_error *e);

/* A descriptor of our own of the terminal that fd is, which does not block: to be closed by
 * the caller. fd itself where the terminal is not ours to open. */
int eg_descriptors_terminal(int fd);

#endif
