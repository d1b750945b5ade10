/* SPDX-License-Identifier: MIT */
#include "modbus/link.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/stop.h"
#include "base/wait.h"
#include "modbus/resolve.h"

enum { TCP_HEADER = 6, LOOKUP_MS = 20 };

int
eg_modbus_link_init(struct eg_modbus_link *l, const char *target,
    const struct eg_modbus_line *line, int64_t limit_ms, struct eg_error *e)
{
	*l = (struct eg_modbus_link){ .target = target, .limit_ms = limit_ms, .fd = -1 };
	if (eg_modbus_is_line(target)) {
		l->serial = eg_modbus_serial_new(target, line, e);
		l->silence_ms = eg_modbus_serial_silence(line);
	} else
		l->resolver = eg_modbus_resolver_new(target, e);
	return l->serial != NULL || l->resolver != NULL ? 0 : -1;
}

static void
forget_addresses(struct eg_modbus_link *l)
{
	if (l->list != NULL)
		freeaddrinfo(l->list);
	l->list = l->address = NULL;
}

static void
close_link(struct eg_modbus_link *l)
{
	if (l->fd >= 0 && l->serial != NULL)
		eg_modbus_serial_close(l->serial);
	else if (l->fd >= 0)
		(void)close(l->fd);
	l->fd = -1;
	forget_addresses(l);
}

static enum eg_modbus_outcome
end_exchange(struct eg_modbus_link *l, enum eg_modbus_outcome outcome, const char *why)
{
	(void)snprintf(l->why, sizeof(l->why), "%s", why);
	l->step = EG_MODBUS_IDLE;
	return outcome;
}

static enum eg_modbus_outcome
fail(struct eg_modbus_link *l, enum eg_modbus_outcome outcome, const char *why)
{
	close_link(l);
	return end_exchange(l, outcome, why);
}

/* Reports trouble. Keeps a serial line open, since it works and has other units. */
static enum eg_modbus_outcome
fail_frame(struct eg_modbus_link *l, const char *why)
{
	return l->serial != NULL ? end_exchange(l, EG_MODBUS_TROUBLE, why) : fail(l, EG_MODBUS_TROUBLE,
	    why);
}

static enum eg_modbus_outcome
go(struct eg_modbus_link *l, enum eg_modbus_step step, int64_t ms)
{
	l->step = step;
	l->due = eg_mono_ms() + ms;
	return EG_MODBUS_WAITING;
}

static enum eg_modbus_outcome
begin_frame(struct eg_modbus_link *l)
{
	return l->serial != NULL ? go(l, EG_MODBUS_SILENCE, l->silence_ms)
	    : go(l, EG_MODBUS_SENDING, l->limit_ms);
}

/* Whether the server has closed the connection since the last answer. */
static bool
is_closed(const struct eg_modbus_link *l)
{
	char byte;

	return l->serial == NULL && recv(l->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void
eg_modbus_link_ask(struct eg_modbus_link *l, const struct eg_modbus_request *q)
{
	l->request = *q;
	l->request.id = ++l->id;
	l->len = 0;
	if (l->fd >= 0 && is_closed(l))
		close_link(l);
	if (l->fd >= 0)
		(void)begin_frame(l);
	else
		(void)go(l, EG_MODBUS_OPENING, l->limit_ms);
}

bool
eg_modbus_link_busy(const struct eg_modbus_link *l)
{
	return l->step != EG_MODBUS_IDLE;
}

static enum eg_modbus_outcome
open_serial(struct eg_modbus_link *l)
{
	const char *why;

	l->fd = eg_modbus_serial_open(l->serial, &why);
	return l->fd >= 0 ? begin_frame(l) : fail(l, EG_MODBUS_UNREACHABLE, why);
}

/* Begins to connect to l->address, or, if that fails at once, to the next that can be tried. error:
 * why the one before failed. */
static enum eg_modbus_outcome
connect_next(struct eg_modbus_link *l, int error)
{
	for (; l->address != NULL; l->address = l->address->ai_next) {
		const struct addrinfo *a = l->address;

		l->fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
		if (l->fd >= 0 && (connect(l->fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS))
			return go(l, EG_MODBUS_CONNECTING, l->limit_ms);
		error = errno;
		if (l->fd >= 0)
			(void)close(l->fd);
		l->fd = -1;
	}
	return fail(l, EG_MODBUS_UNREACHABLE, strerror(error));
}

static enum eg_modbus_outcome
leave_address(struct eg_modbus_link *l, int error)
{
	(void)close(l->fd);
	l->fd = -1;
	l->address = l->address->ai_next;
	return connect_next(l, error);
}

static enum eg_modbus_outcome
step_opening(struct eg_modbus_link *l)
{
	const char *why;

	if (l->serial != NULL)
		return open_serial(l);
	switch (eg_modbus_resolve(l->resolver, &l->list, &why)) {
	case EG_MODBUS_LOOKUP_RUNS:
		return EG_MODBUS_WAITING;
	case EG_MODBUS_LOOKUP_FAILED:
		return fail(l, EG_MODBUS_UNREACHABLE, why);
	default:
		l->address = l->list;
		return connect_next(l, 0);
	}
}

static enum eg_modbus_outcome
step_connecting(struct eg_modbus_link *l)
{
	socklen_t size = sizeof(int);
	int error = 0;

	if (eg_wait_revents(l->fd, POLLOUT) == 0)
		return EG_MODBUS_WAITING;
	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0) {
		forget_addresses(l);
		return begin_frame(l);
	}
	return leave_address(l, error);
}

static enum eg_modbus_outcome
step_silence(struct eg_modbus_link *l)
{
	if (eg_mono_ms() < l->due)
		return EG_MODBUS_WAITING;
	eg_modbus_serial_drop(l->serial); /* late data belongs to an earlier request */
	return go(l, EG_MODBUS_SENDING, l->limit_ms);
}

static const char *
reason(const struct eg_modbus_link *l, ssize_t n)
{
	if (n == 0 && l->serial != NULL)
		return "the line is gone";
	if (n == 0 || errno == ECONNRESET || errno == EPIPE)
		return "it has closed the connection";
	return strerror(errno);
}

/* A request is small, so the socket accepts all of it or nothing. */
static enum eg_modbus_outcome
step_sending(struct eg_modbus_link *l)
{
	uint8_t bytes[EG_MODBUS_REQUEST_SIZE + EG_MODBUS_CRC_SIZE];
	size_t len = EG_MODBUS_REQUEST_SIZE - TCP_HEADER;
	ssize_t n;

	eg_modbus_request_put(&l->request, bytes);
	eg_modbus_crc_put(bytes + TCP_HEADER, len);
	n = l->serial != NULL ? write(l->fd, bytes + TCP_HEADER, len += EG_MODBUS_CRC_SIZE)
	    : send(l->fd, bytes, len = EG_MODBUS_REQUEST_SIZE, MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return EG_MODBUS_WAITING;
	if (n != (ssize_t)len)
		return fail(l, EG_MODBUS_TROUBLE, n < 0 ? reason(l, n) : "the request cannot be sent");
	return go(l, EG_MODBUS_ANSWERING, l->limit_ms);
}

/* The size of the current frame, as far as its first bytes show it. */
static size_t
frame_size(const struct eg_modbus_link *l)
{
	return l->serial != NULL ? eg_modbus_line_size(l->frame, l->len)
	    : eg_modbus_tcp_size(l->frame, l->len);
}

static enum eg_modbus_outcome
take_frame(struct eg_modbus_link *l)
{
	const char *wrong;

	l->ns = eg_wall_ns();
	if (l->serial != NULL && !eg_modbus_crc_check(l->frame, l->len))
		return fail_frame(l, "an answer with a wrong checksum");
	wrong = eg_modbus_answer(&l->request, l->serial == NULL, l->frame, l->len, l->reg,
	    &l->exception);
	if (wrong != NULL)
		return fail_frame(l, wrong);
	l->step = EG_MODBUS_IDLE;
	return l->exception != 0 ? EG_MODBUS_EXCEPTION : EG_MODBUS_READ;
}

/* Whether the result of read(2) means that nothing has arrived. On a serial line it may be 0. */
static bool
nothing_came(const struct eg_modbus_link *l, ssize_t n)
{
	if (n == 0)
		return l->serial != NULL && (eg_wait_revents(l->fd, POLLIN) & (POLLHUP | POLLERR)) == 0;
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static enum eg_modbus_outcome
step_answering(struct eg_modbus_link *l)
{
	size_t size;
	ssize_t n;

	while ((size = frame_size(l)) > l->len) {
		if (size > sizeof(l->frame))
			return fail_frame(l, "an answer of a wrong length");
		n = read(l->fd, l->frame + l->len, size - l->len);
		if (nothing_came(l, n))
			return EG_MODBUS_WAITING;
		if (n <= 0)
			return fail(l, EG_MODBUS_TROUBLE, reason(l, n));
		l->len += (size_t)n;
	}
	return take_frame(l);
}

static enum eg_modbus_outcome
check_timeout(struct eg_modbus_link *l)
{
	if (eg_mono_ms() < l->due)
		return EG_MODBUS_WAITING;
	if (l->step == EG_MODBUS_CONNECTING)
		return leave_address(l, ETIMEDOUT);
	if (l->step == EG_MODBUS_OPENING)
		return fail(l, EG_MODBUS_UNREACHABLE, "its name is not known in time");
	return fail_frame(l, l->len > 0 ? "no whole answer in time" : "no answer in time");
}

enum eg_modbus_outcome
eg_modbus_link_work(struct eg_modbus_link *l)
{
	static enum eg_modbus_outcome (*const steps[EG_MODBUS_STEPS])(struct eg_modbus_link *) = {
		[EG_MODBUS_OPENING] = step_opening, [EG_MODBUS_CONNECTING] = step_connecting,
		[EG_MODBUS_SILENCE] = step_silence, [EG_MODBUS_SENDING] = step_sending,
		[EG_MODBUS_ANSWERING] = step_answering,
	};
	enum eg_modbus_outcome got = EG_MODBUS_WAITING;
	enum eg_modbus_step step;

	if (l->step == EG_MODBUS_IDLE)
		return got;
	do {
		step = l->step;
		got = steps[step](l);
	} while (got == EG_MODBUS_WAITING && l->step != step);
	return got == EG_MODBUS_WAITING && step != EG_MODBUS_SILENCE ? check_timeout(l) : got;
}

struct pollfd
eg_modbus_link_pollfd(const struct eg_modbus_link *l)
{
	bool out = l->step == EG_MODBUS_CONNECTING || l->step == EG_MODBUS_SENDING;

	return (struct pollfd){ .fd = out || l->step == EG_MODBUS_ANSWERING ? l->fd : -1,
		.events = out ? POLLOUT : POLLIN };
}

int64_t
eg_modbus_link_due(const struct eg_modbus_link *l)
{
	int64_t look = eg_mono_ms() + LOOKUP_MS;

	if (l->step == EG_MODBUS_IDLE)
		return INT64_MAX;
	return l->step == EG_MODBUS_OPENING && look < l->due ? look : l->due;
}

enum eg_modbus_outcome
eg_modbus_link_read(struct eg_modbus_link *l, const struct eg_modbus_request *q)
{
	enum eg_modbus_outcome got;

	eg_modbus_link_ask(l, q);
	while ((got = eg_modbus_link_work(l)) == EG_MODBUS_WAITING && eg_stop_asked() == 0) {
		struct pollfd p[2] = { eg_stop_pollfd(), eg_modbus_link_pollfd(l) };

		(void)eg_wait_fds(p, 2, eg_modbus_link_due(l));
		eg_stop_polled(&p[0]);
	}
	return got;
}

void
eg_modbus_link_free(struct eg_modbus_link *l)
{
	close_link(l);
	eg_modbus_resolver_free(l->resolver);
	eg_modbus_serial_free(l->serial);
	*l = (struct eg_modbus_link){ .fd = -1 };
}
