/* SPDX-License-Identifier: MIT */
/* A bare libmicrohttpd server that answers each POST with its own body: the least that a
 * door has to do. At /read it first reads the readings with bare library calls, and does
 * nothing with them. At /safe the answer, an empty one, waits until cat(1) has given the
 * body back: the least of a door that answers for what is behind it.
 * At /read-safe it does what it does at /read and at /safe.
 * usage: bench_http PORT, until a signal. */
#include <arpa/inet.h>
#include <json-c/json.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/number.h"
#include "base/process.h"

static volatile sig_atomic_t stopped;

struct body {
	char *text;
	size_t len;
	struct MHD_Connection *connection;
	struct body *next; /* in the queue */
	bool safe;
};

/* The bodies that cat has to give back, in their order. */
static struct {
	struct eg_process cat;
	struct body *first, **end, *writing;
	size_t written, back; /* bytes of writing, and of first */
} queue = { .end = &queue.first };

/* So that nothing that was read can be left out. */
static volatile double sum;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* The three members of each object of an array. */
static void
read_json(const struct body *b)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *all = json_tokener_parse_ex(tok, b->text, (int)b->len), *v;

	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object *o = json_object_array_get_idx(all, i);

		if (json_object_object_get_ex(o, "sensor_id", &v))
			sum += json_object_get_string_len(v);
		if (json_object_object_get_ex(o, "timestamp", &v))
			sum += json_object_get_string_len(v);
		if (json_object_object_get_ex(o, "value", &v))
			sum += json_object_get_double(v);
	}
	json_object_put(all);
	json_tokener_free(tok);
}

/* The number at the end of each line, a record's value or a point's time; the name, and
 * whether the line is one at all, are not looked at. */
static void
read_lines(const struct body *b)
{
	const char *at = b->text, *end = at + b->len, *nl;

	for (; at < end && (nl = memchr(at, '\n', (size_t)(end - at))) != NULL; at = nl + 1) {
		const char *last = memrchr(at, ':', (size_t)(nl - at));

		if (last == NULL)
			last = memrchr(at, ' ', (size_t)(nl - at));
		if (last != NULL)
			sum += strtod(last + 1, NULL);
	}
}

static void
write_bodies(void)
{
	while (queue.writing != NULL) {
		struct body *b = queue.writing;
		ssize_t n = write(queue.cat.in, b->text + queue.written, b->len - queue.written);

		if (n <= 0)
			return;
		queue.written += (size_t)n;
		if (queue.written == b->len) {
			queue.writing = b->next;
			queue.written = 0;
		}
	}
}

static void
read_back(void)
{
	static char text[128 * 1024];
	ssize_t n;

	while ((n = read(queue.cat.out, text, sizeof(text))) > 0) {
		queue.back += (size_t)n;
		while (queue.first != NULL && queue.back >= queue.first->len) {
			struct body *b = queue.first;

			queue.back -= b->len;
			queue.first = b->next;
			if (queue.first == NULL)
				queue.end = &queue.first;
			b->safe = true;
			MHD_resume_connection(b->connection);
		}
	}
}

/* Puts the body into the queue; its connection waits. */
static void
make_safe(struct body *b, struct MHD_Connection *connection)
{
	b->connection = connection;
	b->next = NULL;
	*queue.end = b;
	queue.end = &b->next;
	if (queue.writing == NULL)
		queue.writing = b;
	MHD_suspend_connection(connection);
	write_bodies();
}

static enum MHD_Result
on_access(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *data, size_t *size, void **context)
{
	struct body *b = *context;
	struct MHD_Response *r;
	enum MHD_Result ok;
	char *more;

	(void)cls, (void)method, (void)version;
	if (b == NULL) {
		*context = calloc(1, sizeof(*b));
		return *context != NULL ? MHD_YES : MHD_NO;
	}
	if (*size > 0) {
		more = realloc(b->text, b->len + *size);
		if (more == NULL)
			return MHD_NO;
		memcpy(more + b->len, data, *size);
		b->text = more;
		b->len += *size;
		*size = 0;
		return MHD_YES;
	}
	if (b->len > 0 && !b->safe && (strcmp(url, "/read") == 0 || strcmp(url, "/read-safe") == 0)) {
		if (*b->text == '[')
			read_json(b);
		else
			read_lines(b);
	}
	if (b->len > 0 && !b->safe && (strcmp(url, "/safe") == 0 || strcmp(url, "/read-safe") == 0)) {
		make_safe(b, connection);
		return MHD_YES;
	}
	r = MHD_create_response_from_buffer(b->safe ? 0 : b->len, b->text, MHD_RESPMEM_MUST_COPY);
	ok = MHD_queue_response(connection, MHD_HTTP_OK, r);
	MHD_destroy_response(r);
	return ok;
}

static void
on_completed(void *cls, struct MHD_Connection *connection, void **context,
    enum MHD_RequestTerminationCode how)
{
	struct body *b = *context;

	(void)cls, (void)connection, (void)how;
	if (b != NULL)
		free(b->text);
	free(b);
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	char *cat[] = { (char[]){ "cat" }, NULL };
	struct eg_error e;
	struct MHD_Daemon *d;
	int64_t port = 0;

	if (argc != 2 || eg_int_parse(argv[1], 1, 65535, &port) != EG_NUMBER_OK)
		return 64;
	at.sin_port = htons((uint16_t)port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	signal(SIGTERM, on_signal);
	if (eg_process_start(&queue.cat, cat, &e) != 0)
		return 71;
	d = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_access,
	    NULL, MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL,
	    MHD_OPTION_END);
	if (d == NULL)
		return 75;
	while (!stopped) {
		struct pollfd fds[] = {
			{ MHD_get_daemon_info(d, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, POLLIN, 0 },
			{ queue.cat.out, POLLIN, 0 },
			{ queue.writing != NULL ? queue.cat.in : -1, POLLOUT, 0 },
		};
		MHD_UNSIGNED_LONG_LONG ms = 1000;

		if (MHD_get_timeout(d, &ms) != MHD_YES || ms > 1000)
			ms = 1000;
		(void)poll(fds, 3, (int)ms);
		write_bodies();
		read_back();
		MHD_run(d);
	}
	eg_process_close_in(&queue.cat);
	for (; queue.first != NULL; queue.first = queue.first->next)
		MHD_resume_connection(queue.first->connection);
	MHD_stop_daemon(d);
	return 0;
}
