/* SPDX-License-Identifier: MIT */
/* Reading a file or a pipe, until a signal asks to stop. */
#ifndef EG_IMPORT_INPUT_H
#define EG_IMPORT_INPUT_H

#include <stddef.h>

struct eg_error;

/* Reads up to room bytes of fd; *got is 0 at its end, or after a signal (base/stop). Blocks.
 * -1 with EG_LOCAL_IO. */
int eg_import_input(int fd, char *to, size_t room, size_t *got, struct eg_error *e);

#endif
