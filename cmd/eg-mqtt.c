/* SPDX-License-Identifier: MIT */
/* Take readings from an MQTT broker, acknowledged when they are safe downstream.
 *
 * Subscribes with QoS 1 in a session that the broker keeps. Runs a downstream as a child process,
 * writes the records of each message to it, and sends the PUBACK of the message when the child has
 * given a receipt for each record. Without a child, a record counts as safe when it is written to
 * standard output. */
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/options.h"
#include "decode/decode.h"
#include "decode/decode_options.h"
#include "mqtt/mqtt_options.h"
#include "mqtt/packet.h"
#include "mqtt/subscribe.h"

enum { TOPICS_MAX = 64, FLIGHT_MAX = 65535, MESSAGE_MAX = 256 * 1024 * 1024 };

/* Set by the options. */
struct settings {
	struct eg_mqtt_subscribe subscribe;
	struct eg_mqtt_options broker;
	struct eg_decode_config decode;
	char *topic[TOPICS_MAX];
};

#define INTO(type, m, ...) type(struct settings, m, __VA_ARGS__)
static const struct eg_option table[] = {
	{ 'c', "count", "N", "end after N messages",
		INTO(EG_INT, subscribe.session.limit, 1, INT64_MAX) },
	{ 'F', "decode", "FORMAT", "decode messages of devices, see eg-decode(1)",
		EG_TEXT(struct settings, decode.format) },
	{ 0, "in-flight", "N", "at most N messages without an acknowledgement",
		INTO(EG_INT, subscribe.session.in_flight, 1, FLIGHT_MAX), .preset = "1000" },
	{ 'm', "max-message", "BYTES", "larger messages are refused",
		INTO(EG_INT, subscribe.session.max_message, 1, MESSAGE_MAX), .preset = "1048576" },
	{ 'r', "retained", NULL, "take retained messages, too",
		EG_FLAG(struct settings, subscribe.session.retained) },
	EG_MQTT_OPTIONS(struct settings, broker),
	EG_DECODE_OPTIONS(struct settings, decode),
	{ 0 },
};

static void
add_topic(struct settings *s, char *text)
{
	const char *why = eg_mqtt_filter_fault(text);

	if (why != NULL)
		eg_usage("the topic '%s' %s", text, why);
	if (s->subscribe.session.n_filters == TOPICS_MAX)
		eg_usage("at most %d topics", TOPICS_MAX);
	s->topic[s->subscribe.session.n_filters++] = text;
}

/* Options may be between the topics; the command follows after `--`. */
static void
parse_options(struct settings *s, struct eg_options *o, int argc, char *argv[])
{
	int at = eg_options_parse(o, argc, argv);

	while (at < argc && !o->ended) {
		add_topic(s, argv[at]);
		o->next = at + 1;
		at = eg_options_parse(o, argc, argv);
	}
	if (at < argc)
		s->subscribe.command = argv + at;
	if (s->subscribe.session.n_filters == 0)
		eg_usage("a topic is missing, as shellies/+/emeter/#");
	if (eg_decode_options_given(&s->decode) && s->decode.format == NULL)
		eg_usage("--now, --prefix, --sensor, --tz and the like need --decode");
}

int
main(int argc, char *argv[])
{
	static struct settings s;
	struct eg_options o = { .synopsis = "[options] topic ... [-- command [argument ...]]",
		.purpose = "Take readings from an MQTT broker, acknowledged when they are safe downstream.",
		.table = table, .settings = &s, .rejects = true, .peers = true, .listens = true };
	struct eg_error e = { 0 };
	int status;

	eg_diag_init("eg-mqtt");
	s.subscribe.session.broker = &s.broker;
	s.subscribe.session.filters = s.topic;
	parse_options(&s, &o, argc, argv);
	if (s.decode.format != NULL &&
	    (s.subscribe.decode = eg_decode_new(&s.decode, true, &e)) == NULL)
		return eg_report(&e);
	eg_mqtt_options_finish(&s.broker);
	status = eg_mqtt_subscribe_run(&s.subscribe, &o.common);
	eg_mqtt_options_free(&s.broker);
	eg_decode_free(s.subscribe.decode);
	return status;
}
