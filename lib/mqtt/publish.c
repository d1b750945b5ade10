/* SPDX-License-Identifier: MIT */
/* An MQTT broker as a sink (stage/stage.h): each record is a message, and is safe once the broker
 * has acknowledged it. */
#include "mqtt/publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/wait.h"
#include "mqtt/publisher.h"
#include "mqtt/topic.h"
#include "record/message.h"
#include "stage/stage.h"

enum { FDS_MAX = 8 }; /* of the stage, and the publisher's */

struct sink {
	const struct eg_mqtt_publish_config *cfg;
	struct eg_mqtt_publisher publisher;
	struct eg_mqtt_seen seen;
	size_t announced; /* number of sensors that were announced */
	uint64_t announcements;
	struct eg_error error;
	char topic[EG_MQTT_TOPIC_MAX + 1];
	char json[EG_JSON_MAX];
};

/* Announces the sensors that were not announced yet, as far as there is room. */
static void
announce(struct sink *s)
{
	while (s->announced < s->seen.n) {
		const char *sensor = s->seen.sensor[s->announced];
		const struct eg_slice name = { sensor, strlen(sensor) };
		struct eg_mqtt_announcement a;
		struct eg_mqtt_note note = { .topic = a.topic, .retain = true };
		bool sent;

		if (eg_mqtt_announce(&s->cfg->discovery, name, &a, &s->error) != 0)
			return;
		note.topic_len = strlen(a.topic);
		note.body = a.body;
		note.len = a.len;
		sent = eg_mqtt_publisher_extra(&s->publisher, &note);
		free(a.body);
		if (!sent)
			return;
		s->announced++;
		s->announcements++;
	}
}

static void
on_connected(void *ctx)
{
	((struct sink *)ctx)->announced = 0;
}

/* Home Assistant sends `online` when it has started. */
static void
on_noticed(void *ctx, const char *body, size_t len)
{
	if (len == 6 && memcmp(body, "online", 6) == 0)
		((struct sink *)ctx)->announced = 0;
}

static void
on_render(void *ctx, void *item, struct eg_mqtt_note *note)
{
	struct sink *s = ctx;
	const struct eg_batch *b = item;

	(void)eg_mqtt_topic(s->cfg->discovery.template, eg_record_sensor(&b->rec[0]), s->topic,
	    &note->topic_len);
	note->topic = s->topic;
	note->body = s->json;
	note->len = eg_message_json(&b->rec[0], s->json);
	note->retain = s->cfg->retain;
}

static void
on_confirmed(void *ctx, void *item)
{
	(void)ctx;
	eg_batch_done(item);
}

static bool
ready(void *self)
{
	const struct sink *s = self;

	return eg_mqtt_publisher_ready(&s->publisher) && s->announced == s->seen.n;
}

static int
send_batch(void *self, struct eg_batch *b, struct eg_error *e)
{
	struct sink *s = self;
	const struct eg_slice sensor = eg_record_sensor(&b->rec[0]);
	size_t len;
	const char *why = eg_mqtt_topic(s->cfg->discovery.template, sensor, s->topic, &len);

	if (why != NULL) {
		eg_batch_refuse(b, 0, why);
		eg_batch_done(b);
		return 0;
	}
	if (s->cfg->discover) {
		if (eg_mqtt_seen_add(&s->seen, sensor, e) != 0)
			return -1;
		announce(s);
	}
	eg_mqtt_publisher_send(&s->publisher, b);
	return 0;
}

static int
wait_for(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e)
{
	struct sink *s = self;
	struct pollfd all[FDS_MAX];

	(void)e;
	eg_mqtt_publisher_flush(&s->publisher);
	memcpy(all, fds, n * sizeof(*fds));
	all[n].fd = -1;
	eg_mqtt_client_poll(&s->publisher.client, true, &all[n], &due);
	(void)eg_wait_fds(all, n + 1, due);
	memcpy(fds, all, n * sizeof(*fds));
	return 0;
}

static int
work(void *self, struct eg_error *e)
{
	struct sink *s = self;

	if (eg_mqtt_publisher_work(&s->publisher, e) != 0)
		return -1;
	announce(s);
	if (s->error.status != EG_OK)
		return eg_fail(e, s->error.status, "%s", s->error.text);
	return 0;
}

static int64_t
away(void *self)
{
	return eg_mqtt_client_away(&((struct sink *)self)->publisher.client);
}

static int
run_stage(struct sink *s, const struct eg_common *common)
{
	struct eg_sink sink = { .self = s, .batch_records = 1, .batch_bytes = EG_LINE_MAX + 1,
		.flights = s->cfg->window, .ready = ready, .send = send_batch, .wait = wait_for,
		.work = work, .away = away };
	const struct eg_metric extra[] = {
		{ "messages", "Messages published.", &s->publisher.messages, false },
		{ "repeats", "Messages published again after a loss.", &s->publisher.repeats, false },
		{ "reconnects", "Connections found again.", &s->publisher.client.reconnects, false },
		{ "announcements", "Sensors announced to Home Assistant.", &s->announcements, false },
		{ NULL, NULL, NULL, false },
	};

	return eg_stage_run(&sink, common, extra);
}

int
eg_mqtt_publish_run(const struct eg_mqtt_publish_config *config, const struct eg_common *common)
{
	struct sink s = { .cfg = config };
	char status[128];
	const struct eg_mqtt_publisher_config publisher = { .broker = config->broker,
		.window = config->window, .status = config->discover ? status : NULL,
		.render = on_render, .confirmed = on_confirmed, .connected = on_connected,
		.noticed = on_noticed, .ctx = &s };
	struct eg_error e = { 0 };
	int rc;

	snprintf(status, sizeof(status), "%s/status", config->discovery.prefix);
	if (eg_mqtt_publisher_open(&s.publisher, &publisher, &e) == 0)
		rc = run_stage(&s, common);
	else
		rc = eg_report(&e);
	eg_mqtt_publisher_close(&s.publisher);
	eg_mqtt_seen_free(&s.seen);
	return rc;
}
