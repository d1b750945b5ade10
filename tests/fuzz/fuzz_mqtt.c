/* SPDX-License-Identifier: MIT */
/* Fuzzes what a broker sends to a session: every message that it takes is delivered once, and what
 * is settled is acknowledged; a topic filter that is taken is valid. The first byte chooses the
 * limits.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/mqtt */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/rejects.h"
#include "mqtt/session_parts.h"

enum { MOST = 4096 }; /* bytes, which a socket takes at once */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reader {
	struct eg_mqtt_session session;
	struct eg_rejects rejects;
	uint64_t delivered;
};

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
deliver(void *ctx, struct eg_mqtt_message *m)
{
	struct reader *r = ctx;
	struct eg_error e = { 0 };

	r->delivered++;
	require(eg_mqtt_message_read(m, 1 << 20, NULL, &r->rejects, &e) == 0);
	require(m->refused <= m->records);
	require((m->chunk.len > 0) == (m->records > m->refused));
	require(m->chunk.len == 0 || m->chunk.text[m->chunk.len - 1] == '\n');
	if (m->records % 2 == 0)
		eg_mqtt_session_settle(&r->session, m);
}

static void
settle_all(struct eg_mqtt_session *s)
{
	for (struct eg_mqtt_message *m = s->first; m != NULL; m = m->next)
		if (!m->settled)
			eg_mqtt_session_settle(s, m);
	eg_mqtt_session_acknowledge(s);
	require(s->first == NULL && s->pending == 0 && s->held == 0);
}

static void
read_all(struct reader *r, int fd)
{
	struct eg_mqtt_session *s = &r->session;
	struct eg_mqtt_client *c = &s->client;
	struct eg_error e = { 0 };

	c->io.fd = fd;
	c->state = EG_MQTT_LOGGING_IN;
	c->number++;
	do {
		if (eg_mqtt_session_take(s, &e) != 0)
			require(e.status == EG_CONFIG);
		if (eg_mqtt_session_full(s))
			settle_all(s);
	} while (e.status == EG_OK && c->state != EG_MQTT_AWAY && !c->io.dry);
	require(r->delivered == s->taken);
	require(c->io.room <= 65536 * 4);
	eg_mqtt_connection_close(&c->io);
	c->state = EG_MQTT_AWAY;
	c->skip = 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char filter_a[] = "a/#", filter_b[] = "+/b";
	char *filters[] = { filter_a, filter_b };
	struct reader r = { .rejects = { .fd = -1, .silent = true } };
	struct eg_mqtt_options broker = { .urls = 1,
	    .url = { { .host = filter_a, .port = filter_b } } };
	struct eg_mqtt_session_config config = { .broker = &broker, .filters = filters,
		.n_filters = 2, .in_flight = 1, .max_message = 50, .deliver = deliver, .ctx = &r };
	char text[64] = { 0 };

	if (size == 0 || size > MOST)
		return 0;
	memcpy(text, data, size < sizeof(text) ? size : sizeof(text) - 1);
	if (eg_mqtt_filter_fault(text) == NULL)
		require(*text != '\0' && strchr(text, '\n') == NULL);
	config.in_flight += data[0] & 3;
	config.retained = (data[0] & 4) != 0;
	eg_mqtt_session_init(&r.session, &config);
	/* No warning for each loss. */
	r.session.client.trouble = (struct eg_backoff_log){ .warned = true, .kind = 1,
		.warned_ms = eg_mono_ms(), .retry = { .since = 1, .failures = 1 } };
	for (int i = 0; i < 2; i++) { /* the broker sends the same on a second connection */
		int pair[2];

		require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
		require(write(pair[1], data + 1, size - 1) == (ssize_t)size - 1);
		read_all(&r, pair[0]);
		close(pair[1]);
	}
	eg_mqtt_session_free(&r.session);
	(void)eg_rejects_close(&r.rejects, &(struct eg_error){ 0 });
	return 0;
}
