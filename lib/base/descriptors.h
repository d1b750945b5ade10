/* SPDX-License-Identifier: MIT */
/* Descriptors 0, 1 and 2, any of which may be closed when a program starts. */
#ifndef EG_DESCRIPTORS_H
#define EG_DESCRIPTORS_H

struct eg_error;

/* Gives each of them that is closed to the null device, so that no file, pipe or socket of ours
 * takes its number. Call it before anything is opened. What is then written to standard error is
 * lost; reading standard input or writing standard output fails. -1: not even "/" can be opened. */
int eg_descriptors_hold(void);

/* Whether fd, called what in the message, is open for reading or for writing: -1 with
 * EG_LOCAL_IO when not. A descriptor that eg_descriptors_hold had to open is not. */
int eg_descriptors_readable(int fd, const char *what, struct eg_error *e);
int eg_descriptors_writable(int fd, const char *what, struct eg_error *e);

/* Opens the terminal behind fd once more, in non-blocking mode, and returns the new descriptor,
 * which the caller closes. Returns fd itself if we may not open the terminal. */
int eg_descriptors_terminal(int fd);

#endif
