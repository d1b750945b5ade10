/* SPDX-License-Identifier: MIT */
/* A listening TCP socket from an address and a port as text. */
#ifndef EG_LISTENER_H
#define EG_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

struct eg_error;

#define EG_LISTENER_TEXT 64

struct eg_listener {
	int fd;        /* the caller closes it */
	bool loopback; /* only this machine can reach it */
	char text[EG_LISTENER_TEXT]; /* the actual address, `127.0.0.1:8080` */
};

/* Listens at `ADDRESS:PORT`, `[IPV6]:PORT` or `:PORT` (all addresses). ADDRESS is numeric or
 * `localhost`; port 0 is any free port. Resolves no names, so it does not block. -1 with
 * EG_USAGE if the text is not an address, EG_CONFIG if the system refuses it. */
int eg_listener_open(struct eg_listener *l, const char *address, struct eg_error *e);

#endif
