/* SPDX-License-Identifier: MIT */
/* Fuzzes what a broker sends to a publisher: items are confirmed once, in their order, and only
 * those that were sent. The first byte is the number of items; the same bytes come on a second
 * connection.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/mqtt_publisher */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "mqtt/mqtt_options.h"
#include "mqtt/publisher.h"

enum { MOST = 4096, WINDOW = 16 }; /* bytes, which a socket takes at once */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct publish {
	struct eg_mqtt_publisher p;
	char item[WINDOW];
	size_t confirmed, sent;
};

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
render(void *ctx, void *item, struct eg_mqtt_note *note)
{
	(void)ctx;
	(void)item;
	note->topic = "a";
	note->topic_len = 1;
	note->body = "b";
	note->len = 1;
}

static void
confirmed(void *ctx, void *item)
{
	struct publish *u = ctx;

	require(item == &u->item[u->confirmed++]);
	require(u->confirmed <= u->sent);
}

static void
connected(void *ctx)
{
	require(((struct publish *)ctx)->p.client.state == EG_MQTT_READY);
}

static void
noticed(void *ctx, const char *body, size_t len)
{
	volatile char last = 0;

	(void)ctx;
	if (len > 0)
		last = body[len - 1]; /* ASan sees whether it is there */
	(void)last;
}

static void
read_all(struct publish *u, size_t items, int fd)
{
	struct eg_mqtt_client *c = &u->p.client;
	struct eg_error e = { 0 };

	c->io.fd = fd;
	c->state = EG_MQTT_LOGGING_IN;
	c->opened = c->heard = c->sent = eg_mono_ms();
	do {
		if (eg_mqtt_publisher_work(&u->p, &e) != 0)
			require(e.status == EG_CONFIG);
		while (u->sent < items && eg_mqtt_publisher_ready(&u->p))
			eg_mqtt_publisher_send(&u->p, &u->item[u->sent++]);
	} while (e.status == EG_OK && c->state != EG_MQTT_AWAY && !c->io.dry);
	eg_mqtt_connection_close(&c->io);
	c->state = EG_MQTT_AWAY;
	c->skip = 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char host[] = "h", status[] = "s";
	struct publish u = { .sent = 0 };
	struct eg_mqtt_options broker = { .urls = 1, .keepalive_s = 60, .client_id = host,
		.url = { { .host = host, .port = host } } };
	const struct eg_mqtt_publisher_config config = { .broker = &broker, .window = WINDOW,
		.status = status, .render = render, .confirmed = confirmed, .connected = connected,
		.noticed = noticed, .ctx = &u };
	struct eg_error e = { 0 };

	if (size == 0 || size > MOST)
		return 0;
	require(eg_mqtt_publisher_open(&u.p, &config, &e) == 0);
	/* No warning for each loss, and no other connection. */
	u.p.client.trouble = (struct eg_backoff_log){ .warned = true, .kind = 1,
		.warned_ms = eg_mono_ms(), .retry = { .since = 1, .failures = 1 } };
	u.p.client.stopped = true;
	for (int i = 0; i < 2; i++) {
		int pair[2];

		require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
		require(write(pair[1], data + 1, size - 1) == (ssize_t)size - 1);
		read_all(&u, data[0] % (WINDOW + 1), pair[0]);
		close(pair[1]);
	}
	eg_mqtt_publisher_close(&u.p);
	return 0;
}
