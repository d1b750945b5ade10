/* SPDX-License-Identifier: MIT */
/* The connections that wait for their client. */
#include "http/http_waiting.h"

#include <stdio.h>
#include <sys/socket.h>

#include "base/clock.h"

enum { ANSWER_MAX = 1024 };

void
eg_http_waiting_remove(struct eg_http_waiting *l, struct eg_http_client *c)
{
	if (!c->listed)
		return;
	*(c->before != NULL ? &c->before->after : &l->first) = c->after;
	*(c->after != NULL ? &c->after->before : &l->last) = c->before;
	c->listed = false;
}

void
eg_http_waiting_add(struct eg_http_waiting *l, struct eg_http_client *c)
{
	eg_http_waiting_remove(l, c);
	c->since = eg_mono_ms();
	c->began = false;
	c->before = l->last;
	c->after = NULL;
	*(l->last != NULL ? &l->last->after : &l->first) = c;
	l->last = c;
	c->listed = true;
}

void
eg_http_waiting_cut_off(struct eg_http_waiting *l, struct eg_http_client *c, const char *body,
    size_t len)
{
	char text[ANSWER_MAX];
	int n;

	if (len > 0) {
		n = snprintf(text, sizeof(text), "HTTP/1.1 408 Request Timeout\r\n"
		    "Connection: close\r\nContent-Type: application/json\r\n"
		    "Content-Length: %zu\r\n\r\n%.*s", len, (int)len, body);
		if (n < ANSWER_MAX)
			(void)!send(c->fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	shutdown(c->fd, SHUT_RDWR);
	eg_http_waiting_remove(l, c);
}
