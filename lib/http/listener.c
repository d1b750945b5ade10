/* SPDX-License-Identifier: MIT */
/* A listening TCP socket from an address and a port as text. */
#include "http/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/number.h"

/* Splits `host:port` at the last colon. An IPv6 host is in brackets. */
static int
cut(const char *address, char *host, size_t size, const char **port)
{
	const char *colon = strrchr(address, ':'), *from = address;
	size_t n = colon != NULL ? (size_t)(colon - address) : 0;
	int64_t number;

	/* getaddrinfo(3) would take a larger number modulo 65536. */
	if (colon == NULL || eg_int_parse(colon + 1, 0, UINT16_MAX, &number) != EG_NUMBER_OK)
		return -1;
	if (n >= 2 && from[0] == '[' && from[n - 1] == ']') {
		from++;
		n -= 2;
	} else if (memchr(from, ':', n) != NULL) {
		return -1;
	}
	if (n >= size)
		return -1;
	memcpy(host, from, n);
	host[n] = '\0';
	*port = colon + 1;
	return 0;
}

static void
describe(struct eg_listener *l)
{
	struct sockaddr_storage a = { 0 };
	socklen_t len = sizeof(a);
	char host[INET6_ADDRSTRLEN], port[8];

	if (getsockname(l->fd, (struct sockaddr *)&a, &len) != 0 ||
	    getnameinfo((struct sockaddr *)&a, len, host, sizeof(host), port, sizeof(port),
	        NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return;
	l->loopback = strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
	snprintf(l->text, sizeof(l->text), a.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
	    port);
}

static int
listen_at(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1, off = 0, why;

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    (ai->ai_family == AF_INET6 &&
	        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0) ||
	    bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0) {
		why = errno;
		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

int
eg_listener_open(struct eg_listener *l, const char *address, struct eg_error *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *list = NULL;
	char host[INET6_ADDRSTRLEN];
	const char *port;
	bool any;

	*l = (struct eg_listener){ .fd = -1 };
	if (cut(address, host, sizeof(host), &port) != 0)
		return eg_fail(e, EG_USAGE, "'%s' is not an address and port", address);
	any = host[0] == '\0';
	if (strcmp(host, "localhost") == 0)
		snprintf(host, sizeof(host), "127.0.0.1");
	/* Without IPv6 in the kernel, all addresses are the IPv4 ones. */
	if (getaddrinfo(any ? "::" : host, port, &hints, &list) != 0)
		return eg_fail(e, EG_USAGE, "'%s' is not an address and port", address);
	l->fd = listen_at(list);
	freeaddrinfo(list);
	if (l->fd < 0 && any && errno == EAFNOSUPPORT &&
	    getaddrinfo("0.0.0.0", port, &hints, &list) == 0) {
		l->fd = listen_at(list);
		freeaddrinfo(list);
	}
	if (l->fd < 0)
		return eg_fail(e, eg_status_of(errno), "cannot listen at '%s': %s", address, strerror(errno));
	describe(l);
	return 0;
}
