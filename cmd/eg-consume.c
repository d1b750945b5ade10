/* SPDX-License-Identifier: MIT */
/* Take records from RabbitMQ, acknowledged when they are safe downstream.
 *
 * Runs a downstream as a child process, writes the records of each message to it, and acknowledges
 * the message when the child has given a receipt for each record. Records that are refused are
 * published to the dead-letter queue before that. Without a child, a record counts as safe when it
 * is written to standard output. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "amqp/amqp_options.h"
#include "amqp/consume.h"
#include "amqp/topology.h"
#include "base/diag.h"
#include "base/number.h"
#include "base/options.h"
#include "base/utf8.h"
#include "decode/decode.h"
#include "decode/decode_options.h"
#include "record/record.h"

enum { BINDINGS_MAX = 32, MIB = 1024 * 1024, MESSAGE_MAX = 512 * MIB };

/* Set by the options. */
struct settings {
	struct eg_consume consume;
	struct eg_amqp_options broker;
	struct eg_binding binding[BINDINGS_MAX];
	struct eg_decode_config decode;
};

/* Splits the text at its first colon, since the pattern after it may contain others. */
static void
add_binding(void *to, char *text)
{
	struct settings *s = to;
	char *colon = strchr(text, ':');

	if (colon == NULL || colon == text || colon - text > 255 || strlen(colon + 1) > 255 ||
	    !eg_utf8_is_text(text, strlen(text)))
		eg_usage("--bind: want EXCHANGE:PATTERN in UTF-8, as amq.topic:tele.*.SENSOR");
	if (s->consume.n_bindings == BINDINGS_MAX)
		eg_usage("--bind: at most %d bindings", BINDINGS_MAX);
	*colon = '\0';
	s->binding[s->consume.n_bindings++] = (struct eg_binding){ text, colon + 1 };
}

#define INTO(type, m, ...) type(struct settings, m, __VA_ARGS__)
static const struct eg_option table[] = {
	{ 'b', "bind", "EXCHANGE:PATTERN", "create the queue and bind it; can be given several times",
		EG_CALL(add_binding) },
	{ 'c', "count", "N", "end after N messages", INTO(EG_INT, consume.count, 1, INT64_MAX) },
	{ 'D', "dead-letter", "NAME", "the dead-letter queue (the queue's name and .dead)",
		INTO(EG_AMQP_NAME, consume.dead, 1, 255) },
	{ 'F', "decode", "FORMAT", "decode messages of devices, see eg-decode(1)",
		EG_TEXT(struct settings, decode.format) },
	{ 'd', "drain", NULL, "end when the queue is empty", EG_FLAG(struct settings, consume.drain) },
	{ 'g', "give-back", "DURATION", "hand messages back that have no receipt after this time",
		INTO(EG_DURATION, consume.give_back_ms, 100, EG_DAY_MS), .preset = "20m" },
	{ 'm', "max-message", "BYTES", "larger messages are dead letters",
		INTO(EG_INT, consume.payload.max, 1, MESSAGE_MAX), .preset = "16777216" },
	{ 'o', "offset", "WHERE", "a stream: first, last, next, an offset or a time",
		EG_TEXT(struct settings, consume.offset) },
	{ 'O', "offset-file", "FILE", "a stream: keep the position in FILE, and go on from there",
		EG_TEXT(struct settings, consume.offset_file), .written = true },
	{ 'p', "prefetch", "N", "at most N messages without an acknowledgement (300; 4000 small ones)",
		INTO(EG_INT, consume.prefetch, 1, 65535) },
	{ 'q', "queue", "NAME", "the queue or stream", INTO(EG_AMQP_NAME, consume.queue, 1, 250),
		.preset = "misurazioni" },
	{ 'Q', "from", "NAME", "the same as --queue", INTO(EG_AMQP_NAME, consume.queue, 1, 250) },
	EG_AMQP_OPTIONS(struct settings, broker),
	EG_DECODE_OPTIONS(struct settings, decode),
	{ 0 },
};

static void
check_consume(const struct settings *s)
{
	const struct eg_consume *c = &s->consume;
	int64_t n;

	if (eg_decode_options_given(&s->decode) && s->decode.format == NULL)
		eg_usage("--now, --prefix, --sensor, --tz and the like need --decode");
	if (s->decode.counters != NULL && (c->offset != NULL || c->offset_file != NULL))
		eg_usage("--counter-file does not go with a stream, whose messages may be read again");
	if (c->n_bindings > 0 && (c->offset != NULL || c->offset_file != NULL))
		eg_usage("--bind and --offset exclude each other: --bind declares a queue");
	if (c->dead != NULL && strcmp(c->dead, c->queue) == 0)
		eg_usage("--dead-letter: want another queue than --queue");
	if (c->offset != NULL && strcmp(c->offset, "first") != 0 &&
	    strcmp(c->offset, "last") != 0 && strcmp(c->offset, "next") != 0 &&
	    eg_int_parse(c->offset, 0, INT64_MAX - 1, &n) != EG_NUMBER_OK &&
	    eg_time_parse(c->offset, strlen(c->offset), &n) != EG_FAULT_NONE)
		eg_usage("--offset: '%s': want first, last, next, a number or a time", c->offset);
}

int
main(int argc, char *argv[])
{
	static struct settings s;
	struct eg_options o = { .synopsis = "[options] [-- command [argument ...]]",
		.purpose = "Take records from RabbitMQ, acknowledged when they are safe downstream.",
		.table = table, .settings = &s, .rejects = true, .peers = true, .listens = true };
	struct eg_error e = { 0 };
	int status, first;

	eg_diag_init("eg-consume");
	eg_amqp_options_init(&s.broker);
	s.consume = (struct eg_consume){ .broker = &s.broker, .bindings = s.binding };
	first = eg_options_parse(&o, argc, argv);
	s.consume.command = first < argc ? argv + first : NULL;
	check_consume(&s);
	if (s.decode.format != NULL &&
	    (s.consume.payload.decode = eg_decode_new(&s.decode, true, &e)) == NULL)
		return eg_report(&e);
	eg_amqp_options_finish(&s.broker);
	eg_amqp_options_limit(&s.broker, o.common.timeout_ms);
	status = eg_consume_run(&s.consume, &o.common);
	eg_amqp_options_free(&s.broker);
	eg_decode_free(s.consume.payload.decode);
	return status;
}
