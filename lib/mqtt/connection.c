/* SPDX-License-Identifier: MIT */
/* A connection to an MQTT broker: bytes over TCP or TLS. */
#include "mqtt/connection.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/wait.h"
#include "mqtt/connection_tls.h"
#include "mqtt/mqtt_options.h"

enum { CONNECT_MS = 5000, READ_SIZE = 64 * 1024 };

/* Waits until fd is ready for events, at most until deadline; a signal ends it, too. */
static bool
wait_ready(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };

	return eg_wait_fds(&p, 1, deadline);
}

/* One address of a host. Returns the descriptor, or -1 with errno. */
static int
connect_to(const struct addrinfo *a, int64_t deadline)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
	int yes = 1, error = 0;
	socklen_t size = sizeof(error);

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return fd;
	error = errno;
	if (error == EINPROGRESS) {
		if (!wait_ready(fd, POLLOUT, deadline))
			error = ETIMEDOUT;
		else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
			return fd;
	}
	close(fd);
	errno = error;
	return -1;
}

static int
connect_any(const struct eg_mqtt_url *u, int64_t deadline, char why[256])
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG }, *list;
	int fd = -1, rc = getaddrinfo(u->host, u->port, &hints, &list);

	if (rc != 0) {
		snprintf(why, 256, "cannot find the host: %s", gai_strerror(rc));
		return -1;
	}
	for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next)
		fd = connect_to(a, deadline);
	if (fd < 0)
		snprintf(why, 256, "cannot connect: %s", strerror(errno));
	freeaddrinfo(list);
	return fd;
}

static int
shake_hands(struct eg_mqtt_connection *c, int64_t deadline, char why[256], struct eg_error *e)
{
	for (;;) {
		int rc, kind;

		ERR_clear_error();
		rc = SSL_connect(c->ssl);
		if (rc == 1)
			return 0;
		kind = SSL_get_error(c->ssl, rc);
		if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE)
			return eg_mqtt_tls_failed(c->ssl, why, e);
		if (!wait_ready(c->fd, kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline)) {
			snprintf(why, 256, "no answer to the TLS handshake");
			return -1;
		}
	}
}

int
eg_mqtt_connection_open(struct eg_mqtt_connection *c, const struct eg_mqtt_url *u,
    const struct eg_mqtt_options *o, char why[256], struct eg_error *e)
{
	int64_t deadline = eg_mono_ms() + CONNECT_MS;

	c->fd = connect_any(u, deadline, why);
	if (c->fd < 0)
		return -1;
	if (u->tls) {
		c->ssl = eg_mqtt_tls_new(c->fd, u, o, e);
		if (c->ssl == NULL || shake_hands(c, deadline, why, e) != 0) {
			eg_mqtt_connection_close(c);
			return -1;
		}
	}
	return 0;
}

void
eg_mqtt_connection_close(struct eg_mqtt_connection *c)
{
	SSL_free(c->ssl);
	if (c->fd >= 0)
		close(c->fd);
	c->ssl = NULL;
	c->fd = -1;
	c->at = c->len = c->out.len = 0;
	c->dry = c->out.failed = false;
}

void
eg_mqtt_connection_free(struct eg_mqtt_connection *c)
{
	eg_mqtt_connection_close(c);
	free(c->in);
	free(c->out.data);
	c->in = c->out.data = NULL;
	c->room = c->out.room = 0;
}

/* Result as of recv or send, for n > 0: number of bytes moved; 0: it would block; -1 with the
 * reason. */
static ssize_t
result(const struct eg_mqtt_connection *c, ssize_t n, char why[256])
{
	int kind;

	if (n > 0)
		return n;
	kind = c->ssl != NULL ? SSL_get_error(c->ssl, (int)n) : SSL_ERROR_SYSCALL;
	if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE ||
	    (c->ssl == NULL && n < 0 && (errno == EAGAIN || errno == EINTR)))
		return 0;
	if (n == 0 || kind == SSL_ERROR_ZERO_RETURN || errno == 0)
		snprintf(why, 256, "the broker closed the connection");
	else if (kind == SSL_ERROR_SSL)
		(void)eg_mqtt_tls_failed(c->ssl, why, NULL);
	else
		snprintf(why, 256, "the connection is lost: %s", strerror(errno));
	return -1;
}

int
eg_mqtt_connection_read(struct eg_mqtt_connection *c, char why[256])
{
	ssize_t n;

	if (c->at > 0) {
		memmove(c->in, c->in + c->at, c->len - c->at);
		c->len -= c->at;
		c->at = 0;
	}
	if (!eg_buf_grow(&c->in, &c->room, c->len + READ_SIZE, 1)) {
		snprintf(why, 256, "out of memory");
		return -1;
	}
	errno = 0;
	ERR_clear_error();
	n = c->ssl != NULL ? SSL_read(c->ssl, c->in + c->len, READ_SIZE)
	    : recv(c->fd, c->in + c->len, READ_SIZE, 0);
	n = result(c, n, why);
	if (n < 0)
		return -1;
	c->dry = n == 0;
	c->len += (size_t)n;
	return 0;
}

int
eg_mqtt_connection_write(struct eg_mqtt_connection *c, char why[256])
{
	if (c->out.failed) {
		snprintf(why, 256, "out of memory");
		return -1;
	}
	while (c->out.len > 0) {
		int most = c->out.len < READ_SIZE ? (int)c->out.len : READ_SIZE;
		ssize_t n;

		errno = 0;
		ERR_clear_error();
		n = c->ssl != NULL ? SSL_write(c->ssl, c->out.data, most)
		    : send(c->fd, c->out.data, (size_t)most, MSG_NOSIGNAL);
		n = result(c, n, why);
		if (n <= 0)
			return (int)n;
		c->out.len -= (size_t)n;
		memmove(c->out.data, c->out.data + n, c->out.len);
	}
	return 0;
}

void
eg_mqtt_connection_finish(struct eg_mqtt_connection *c, int limit_ms)
{
	int64_t deadline = eg_mono_ms() + limit_ms;
	char why[256];

	while (eg_mqtt_connection_write(c, why) == 0 && c->out.len > 0)
		if (!wait_ready(c->fd, POLLOUT, deadline))
			return;
	if (c->out.len > 0)
		return;
	do {
		c->len = c->at = 0;
		if (eg_mqtt_connection_read(c, why) != 0)
			return;
	} while (!c->dry || wait_ready(c->fd, POLLIN, deadline));
}

short
eg_mqtt_connection_events(const struct eg_mqtt_connection *c, bool reading)
{
	return (short)((reading ? POLLIN : 0) | (c->out.len > 0 ? POLLOUT : 0));
}
