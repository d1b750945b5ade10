/* SPDX-License-Identifier: MIT */
#include "modbus/link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"
#include "base/stop.h"
#include "base/wait.h"

enum { HOST_MAX = 255, PORT_MAX = 65535, TCP_HEADER = 6 };

/* Splits HOST[:PORT] or [ADDRESS][:PORT]. False: it is neither. */
static bool
split_target(const char *target, char host[HOST_MAX + 1], const char **port)
{
	bool bracket = *target == '[';
	const char *end = bracket ? strchr(target, ']') : strchr(target, ':');
	size_t len;
	int64_t number;

	target += bracket;
	if (end == NULL && bracket)
		return false;
	len = end != NULL ? (size_t)(end - target) : strlen(target);
	if (len == 0 || len > HOST_MAX)
		return false;
	memcpy(host, target, len);
	host[len] = '\0';
	*port = "502"; /* the one that IANA has registered */
	if (end == NULL || (bracket && end[1] == '\0'))
		return true;
	end += bracket;
	*port = end + 1;
	return *end == ':' && eg_int_parse(end + 1, 1, PORT_MAX, &number) == EG_NUMBER_OK;
}

static void
set_limit(struct eg_modbus_link *l, int64_t ms)
{
	ms = ms > 0 ? ms : 1;
	modbus_set_response_timeout(l->ctx, (uint32_t)(ms / 1000), (uint32_t)(ms % 1000) * 1000);
}

static int
init_line(struct eg_modbus_link *l, const struct eg_modbus_line *line, struct eg_error *e)
{
	struct stat st;

	if (stat(l->target, &st) == 0 && !S_ISCHR(st.st_mode))
		return eg_fail(e, EG_USAGE, "'%s' is no serial line", l->target);
	l->ctx = modbus_new_rtu(l->target, line->baud, line->parity, line->data, line->stop);
	/* A frame begins after 3.5 characters of silence, of 11 bits each. */
	l->pause_ms = 38500 / line->baud + 2;
	return 0;
}

static int
init_tcp(struct eg_modbus_link *l, struct eg_error *e)
{
	char host[HOST_MAX + 1], q[EG_QUOTE_MAX];
	const char *port;

	if (!split_target(l->target, host, &port))
		return eg_fail(e, EG_USAGE, "%s: is not HOST[:PORT]",
		    eg_quote(l->target, strlen(l->target), q));
	l->ctx = modbus_new_tcp_pi(host, port);
	return 0;
}

int
eg_modbus_link_init(struct eg_modbus_link *l, const char *target,
    const struct eg_modbus_line *line, int64_t limit_ms, struct eg_error *e)
{
	*l = (struct eg_modbus_link){ .target = target, .limit_ms = limit_ms };
	if ((eg_modbus_is_line(target) ? init_line(l, line, e) : init_tcp(l, e)) != 0)
		return -1;
	if (l->ctx == NULL)
		return eg_fail(e, EG_BUG, "libmodbus: %s", modbus_strerror(errno));
	/* 0: the whole answer has to be there within the response timeout, not each byte. */
	modbus_set_byte_timeout(l->ctx, 0, 0);
	return 0;
}

static void
close_link(struct eg_modbus_link *l)
{
	if (l->open)
		modbus_close(l->ctx);
	l->open = false;
}

static enum eg_modbus_outcome
fail(struct eg_modbus_link *l, enum eg_modbus_outcome outcome, const char *why)
{
	(void)snprintf(l->why, sizeof(l->why), "%s", why);
	close_link(l);
	return outcome;
}

static bool
open_link(struct eg_modbus_link *l)
{
	if (l->open)
		return true;
	set_limit(l, l->limit_ms);
	errno = 0;
	l->open = modbus_connect(l->ctx) == 0;
	l->unreachable = !l->open;
	return l->open;
}

static bool
send_request(struct eg_modbus_link *l, struct eg_modbus_request *q)
{
	uint8_t bytes[EG_MODBUS_REQUEST_SIZE];

	q->id = ++l->id;
	eg_modbus_request_put(q, bytes);
	if (l->pause_ms > 0) {
		eg_wait_ms(l->pause_ms);
		(void)modbus_flush(l->ctx); /* what came late is the answer to another request */
		return modbus_set_slave(l->ctx, q->unit) == 0 &&
		    modbus_send_raw_request(l->ctx, bytes + TCP_HEADER, sizeof(bytes) - TCP_HEADER) > 0;
	}
	return send(modbus_get_socket(l->ctx), bytes, sizeof(bytes), MSG_NOSIGNAL) ==
	    (ssize_t)sizeof(bytes);
}

/* Waits until the answer begins, the time is over, or a signal asks for the end. */
static bool
wait_for_answer(const struct eg_modbus_link *l, int64_t due)
{
	struct pollfd p[2] = { eg_stop_pollfd(),
		{ .fd = modbus_get_socket(l->ctx), .events = POLLIN } };

	while (eg_stop_asked() == 0 && p[1].revents == 0 && eg_mono_ms() < due) {
		(void)eg_wait_fds(p, 2, due);
		eg_stop_polled(&p[0]);
	}
	return p[1].revents != 0;
}

/* What libmodbus, or the system, says about a connection that failed. */
static const char *
reason(void)
{
	if (errno == ECONNRESET || errno == EPIPE)
		return "it has closed the connection";
	if (errno == ETIMEDOUT)
		return "no whole answer in time";
	return errno != 0 ? modbus_strerror(errno) : "no connection";
}

enum eg_modbus_outcome
eg_modbus_link_read(struct eg_modbus_link *l, struct eg_modbus_request *q)
{
	uint8_t frame[MODBUS_MAX_ADU_LENGTH];
	int64_t due;
	const char *wrong;
	int n;

	if (!open_link(l))
		return fail(l, EG_MODBUS_UNREACHABLE, errno != 0 ? modbus_strerror(errno) : "its name is not known");
	due = eg_mono_ms() + l->limit_ms;
	if (!send_request(l, q))
		return fail(l, EG_MODBUS_TROUBLE, reason());
	if (!wait_for_answer(l, due))
		return fail(l, eg_stop_asked() > 0 ? EG_MODBUS_STOPPED : EG_MODBUS_TROUBLE, "no answer in time");
	set_limit(l, due - eg_mono_ms());
	n = modbus_receive_confirmation(l->ctx, frame);
	l->ns = eg_wall_ns();
	if (n < 0)
		return fail(l, EG_MODBUS_TROUBLE, reason());
	wrong = eg_modbus_answer(q, l->pause_ms == 0, frame, (size_t)n, l->reg, &l->exception);
	if (wrong != NULL)
		return fail(l, EG_MODBUS_TROUBLE, wrong);
	return l->exception != 0 ? EG_MODBUS_EXCEPTION : EG_MODBUS_READ;
}

void
eg_modbus_link_free(struct eg_modbus_link *l)
{
	close_link(l);
	modbus_free(l->ctx);
	l->ctx = NULL;
}
