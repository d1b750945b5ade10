/* SPDX-License-Identifier: MIT */
/* Reads a file or a pipe until a signal asks to stop. */
#ifndef EG_IMPORT_INPUT_H
#define EG_IMPORT_INPUT_H

#include <stddef.h>

struct eg_error;

/* The callback used while nothing can be read. */
struct eg_import_wait {
	void *ctx;
	/* Blocks until fd can be read or a signal comes; may return earlier. -1 with *e ends
	 * reading. */
	int (*wait)(void *ctx, int fd, struct eg_error *e);
};

/* Reads up to room bytes of fd; *got is 0 at its end. Blocks, by way of w if that is not NULL.
 * Returns 0; 1 when a signal asked to stop (base/stop), with *got 0, though this is not the end;
 * -1 with EG_LOCAL_IO, or what w->wait ends with. */
int eg_import_input(int fd, char *to, size_t room, size_t *got, const struct eg_import_wait *w,
    struct eg_error *e);

#endif
