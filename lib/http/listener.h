/* SPDX-License-Identifier: MIT */
/* A socket that listens, from an address as people write it. */
#ifndef EG_LISTENER_H
#define EG_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

struct eg_error;

#define EG_LISTENER_TEXT 64

struct eg_listener {
	int fd;        /* the caller's to close */
	bool loopback; /* nobody but this machine can reach it */
	char text[EG_LISTENER_TEXT]; /* the address as it came to be, `127.0.0.1:8080` */
};

/* Listens at `ADDRESS:PORT`, `[IPV6]:PORT` or `:PORT` (every address); a numeric address
 * or `localhost`, port 0 for any that is free. Does not block on names. -1 with EG_USAGE
 * when the text is no address, EG_CONFIG when it cannot be had. */
int eg_listener_open(struct eg_listener *l, const char *address, struct eg_error *e);

#endif
