/* SPDX-License-Identifier: MIT */
/* Split sensors over several queues or streams of RabbitMQ by a hash.
 *
 * Declares the exchange and the queues, or changes their number while readings flow. */
#include <string.h>

#include "amqp/amqp_options.h"
#include "amqp/partition.h"
#include "amqp/split.h"
#include "base/diag.h"
#include "base/number.h"
#include "base/options.h"

enum { NAME_MAX_BYTES = 200 };

struct settings {
	struct eg_amqp_options broker;
	struct eg_split split;
	bool grow, shrink;
};

#define INTO(type, m, ...) type(struct settings, m, __VA_ARGS__)
static const struct eg_option table[] = {
	{ 'g', "grow", NULL, "change to N, a larger number, while readings flow",
		EG_FLAG(struct settings, grow) },
	{ 'q', "queue", "NAME", "the exchange, and the beginning of the queues' names",
		INTO(EG_AMQP_NAME, split.name, 1, NAME_MAX_BYTES), .preset = "misurazioni" },
	{ 'r', "readers", "R", "with --stream --grow: consumers of each partition to wait for",
		INTO(EG_INT, split.readers, 0, EG_SPLIT_READERS_MAX), .preset = "1" },
	{ 0, "shrink", NULL, "change to N, a smaller number, while readings flow",
		EG_FLAG(struct settings, shrink) },
	{ 's', "stream", NULL, "a super stream", EG_FLAG(struct settings, split.stream) },
	{ 't', "timeout", "DURATION", "give up waiting for the broker or a consumer after this long",
		INTO(EG_DURATION, split.timeout_ms, 1, EG_DAY_MS), .preset = "60s" },
	EG_AMQP_OPTIONS(struct settings, broker),
	{ 0 },
};

static void
take_number(struct settings *s, const char *text)
{
	int64_t n;

	if (eg_int_parse(text, 1, EG_PARTITIONS_MAX, &n) != EG_NUMBER_OK)
		eg_usage("'%s' is not a number from 1 to %d", text, EG_PARTITIONS_MAX);
	s->split.n = (uint32_t)n;
}

static void
check(struct settings *s, const struct eg_options *o)
{
	if (s->split.n == 0)
		eg_usage("into how many queues?");
	if (s->grow && s->shrink)
		eg_usage("--grow and --shrink exclude each other");
	if (s->shrink && s->split.stream)
		eg_usage("--shrink: not with --stream, since the history in a partition would be lost "
		         "with it");
	if (eg_options_given(o, "readers") && !(s->split.stream && s->grow))
		eg_usage("--readers goes with --stream and --grow");
	eg_amqp_options_finish(&s->broker);
	eg_amqp_options_limit(&s->broker, s->split.timeout_ms);
}

int
main(int argc, char *argv[])
{
	struct settings s = { .grow = false };
	struct eg_options o = { .synopsis = "[options] N", .purpose =
		"Split sensors over several queues or streams of RabbitMQ by a hash.",
		.table = table, .settings = &s, .bare = true };
	struct eg_error e = { 0 };
	int rc;

	eg_diag_init("eg-split");
	eg_amqp_options_init(&s.broker);
	s.split.broker = &s.broker;
	while ((o.next = eg_options_parse(&o, argc, argv)) < argc) {
		if (s.split.n > 0)
			eg_usage("'%s': one operand is enough, the number of queues", argv[o.next]);
		take_number(&s, argv[o.next++]);
	}
	check(&s, &o);
	rc = s.grow || s.shrink ? eg_split_change(&s.split, s.grow, &e) : eg_split_declare(&s.split,
	    &e);
	eg_amqp_options_free(&s.broker);
	return rc == 0 ? EG_OK : eg_report(&e);
}
