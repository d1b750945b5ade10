/* SPDX-License-Identifier: MIT */
/* An MQTT broker as a source: messages go downstream, receipts come back as PUBACKs. */
#include "mqtt/subscribe.h"

#include <string.h>

#include "base/options.h"
#include "decode/decode.h"
#include "stage/source.h"

enum {
	/* See quiet_ms in source.h. The broker may stop at its own limit of messages in flight,
	 * which is not known; so this is shorter than for RabbitMQ. */
	QUIET_MS = 5000,
	QUIET_END_MS = 200,
};

struct subscribe {
	const struct eg_mqtt_subscribe *cfg;
	struct eg_mqtt_session_config config;
	struct eg_source_loop *loop;
	struct eg_mqtt_session session;
	struct eg_metric extra[7]; /* this program's counters, and a terminator */
	uint64_t empty;
	uint64_t connection; /* of the last message */
};

static void
on_settled(void *self, struct eg_chunk *chunk)
{
	struct eg_mqtt_message *m = (struct eg_mqtt_message *)chunk;
	struct subscribe *s = self;

	s->loop->run.metrics.out += m->records - m->refused;
	eg_decode_settle(s->cfg->decode, &m->counter);
	eg_mqtt_session_settle(&s->session, m);
}

static void
on_refused(void *self, struct eg_chunk *chunk, const char *line, size_t len)
{
	struct subscribe *s = self;
	struct eg_loop *run = &s->loop->run;

	run->metrics.refused++;
	eg_mqtt_message_refuse((struct eg_mqtt_message *)chunk, line, len, "refused downstream",
	    &run->rejects, &run->error);
}

/* The session frees it; without an acknowledgement the broker delivers it again. */
static void
on_dropped(void *self, struct eg_chunk *chunk)
{
	(void)self;
	(void)chunk;
}

/* On a new connection the broker repeats the messages without an acknowledgement. A broker that
 * lost its state does not mark them. */
static void
expect_repeats(struct subscribe *s, uint64_t connection)
{
	if (connection != s->connection)
		eg_decode_unsettle(s->cfg->decode, NULL);
	s->connection = connection;
}

static void
on_deliver(void *self, struct eg_mqtt_message *m)
{
	struct subscribe *s = self;
	struct eg_loop *run = &s->loop->run;

	expect_repeats(s, m->connection);
	if (eg_mqtt_message_read(m, s->config.max_message, s->cfg->decode, &run->rejects,
	    &run->error) != 0)
		return;
	run->metrics.in += m->records;
	run->metrics.refused += m->refused;
	run->metrics.refused_unsent += m->refused;
	s->empty += m->records == 0;
	if (m->chunk.len == 0)
		on_settled(s, &m->chunk);
	else
		eg_source_send(s->loop, &m->chunk, m->records - m->refused);
}

/* Counts the pending messages as well. */
static bool
at_limit(const struct subscribe *s)
{
	return s->config.limit != 0 && s->session.taken >= s->config.limit;
}

static bool
on_ended(void *self, int64_t now)
{
	const struct subscribe *s = self;

	(void)now;
	return at_limit(s) && s->session.pending == 0;
}

static int64_t
quiet_ms(void *self)
{
	return at_limit(self) ? QUIET_END_MS : QUIET_MS;
}

static void
on_poll(void *self, struct pollfd *fds, int64_t *due)
{
	eg_mqtt_session_poll(&((struct subscribe *)self)->session, &fds[0], due);
}

static int
on_work(void *self, const struct pollfd *fds, struct eg_error *e)
{
	return eg_mqtt_session_work(&((struct subscribe *)self)->session, &fds[0], e);
}

static int
on_flush(void *self, const struct pollfd *fds, struct eg_error *e)
{
	struct subscribe *s = self;

	(void)fds;
	if (s->cfg->decode != NULL && eg_decode_save(s->cfg->decode, e) != 0)
		return -1;
	eg_mqtt_session_acknowledge(&s->session);
	return 0;
}

static bool
on_idle(void *self)
{
	return eg_mqtt_session_idle(&((struct subscribe *)self)->session);
}

static int64_t
on_away(void *self)
{
	return eg_mqtt_session_away(&((struct subscribe *)self)->session);
}

static void
on_stop(void *self)
{
	eg_mqtt_session_stop(&((struct subscribe *)self)->session);
}

static int
on_open(void *self, struct eg_source_loop *l, struct eg_error *e)
{
	struct subscribe *s = self;

	(void)e;
	s->loop = l;
	s->config = s->cfg->session;
	s->config.deliver = on_deliver;
	s->config.ctx = s;
	eg_mqtt_session_init(&s->session, &s->config);
	return 0;
}

static void
on_close(void *self, struct eg_error *e)
{
	(void)e;
	eg_mqtt_session_free(&((struct subscribe *)self)->session);
}

int
eg_mqtt_subscribe_run(const struct eg_mqtt_subscribe *config, const struct eg_common *common)
{
	struct eg_source_loop loop;
	struct subscribe s = { .cfg = config };
	const struct eg_source source = { .self = &s, .peer = "the broker",
		.refused_status = EG_REFUSED, .start_early = true, .extra = s.extra, .open = on_open,
		.poll = on_poll, .work = on_work, .flush = on_flush, .fate = { .refused = on_refused,
		.settled = on_settled, .dropped = on_dropped }, .stop = on_stop, .idle = on_idle,
		.ended = on_ended, .away = on_away, .quiet_ms = quiet_ms, .close = on_close };
	const struct eg_metric extra[] = {
		{ "messages", "Messages acknowledged.", &s.session.acked, false },
		{ "reconnects", "Connections found again.", &s.session.client.reconnects, false },
		{ "messages_again", "Messages delivered again while they were pending.",
			&s.session.again, false },
		{ "messages_retained", "Retained messages that were passed over.", &s.session.retained,
			false },
		{ "messages_without_reading", "Messages that held no reading.", &s.empty, false },
		{ "child_starts", "Starts of the child.", &loop.starts, false },
	};

	memcpy(s.extra, extra, sizeof(extra));
	return eg_source_run(&loop, &source, config->command, common);
}
