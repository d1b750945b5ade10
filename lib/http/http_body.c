/* SPDX-License-Identifier: MIT */
/* Receives a body, within two limits: its own length, and the memory of all bodies. */
#include <stdlib.h>
#include <string.h>

#include "http/http_parts.h"

enum { FIRST_ROOM = 512, AHEAD = 8, TOO_LARGE = 413, UNAVAILABLE = 503 };

void
eg_http_drop_body(struct eg_http_request *r)
{
	*r->config->held -= r->room;
	free(r->body);
	r->body = NULL;
	r->len = r->room = 0;
}

void
eg_http_replace_body(struct eg_http_request *r, char *body, size_t len)
{
	eg_http_drop_body(r);
	*r->config->held += len;
	r->body = body;
	r->len = r->room = len;
}

/* The size of the buffer for a body of need bytes so far: twice that, or the announced length once
 * an eighth of it was received. */
static size_t
room_for(const struct eg_http_request *r, size_t need)
{
	const char *length = eg_http_header(r, "Content-Length");
	size_t announced = length != NULL ? strtoul(length, NULL, 10) : 0;
	size_t room = r->room == 0 ? FIRST_ROOM : r->room;

	if (announced >= need && announced / AHEAD <= need)
		return announced;
	while (room < need)
		room *= 2;
	return room;
}

void
eg_http_keep(struct eg_http_request *r, const char *data, size_t size)
{
	const struct eg_http_config *cfg = r->config;
	size_t room = r->room;
	char *more;

	if (r->len + size > room)
		room = room_for(r, r->len + size);
	if (size > r->body_max - r->len) {
		r->fault = TOO_LARGE;
	} else if (room > r->room && *cfg->held + room - r->room > cfg->held_max) {
		r->fault = UNAVAILABLE;
	} else if (room > r->room) {
		more = realloc(r->body, room);
		if (more == NULL) {
			r->fault = UNAVAILABLE;
		} else {
			*cfg->held += room - r->room;
			r->body = more;
			r->room = room;
		}
	}
	if (r->fault != 0) {
		eg_http_drop_body(r);
		return;
	}
	memcpy(r->body + r->len, data, size);
	r->len += size;
}
