/* SPDX-License-Identifier: MIT */
/* Holds the messages of a publisher while eg-split changes the queues behind its exchange: then
 * no queue takes them, and the broker returns each. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "amqp/publisher_parts.h"
#include "amqp/topology.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"

/* Interval for looking whether the change is over. */
enum { LOOK_MS = 100 };

void
eg_publisher_id(uint64_t k, char out[EG_MESSAGE_ID_SIZE])
{
	snprintf(out, EG_MESSAGE_ID_SIZE, "%" PRIu64, k);
}

void
eg_publisher_hold(struct eg_publisher *p)
{
	if (p->hold.since == 0)
		p->hold.since = eg_mono_ms();
}

void
eg_publisher_take_return(struct eg_publisher *p, const char *why)
{
	snprintf(p->hold.why, sizeof(p->hold.why), "%s", why);
	p->hold.came = true;
	eg_publisher_hold(p);
}

/* The number of the message, or UINT64_MAX. */
static uint64_t
number_of(const amqp_frame_t *f)
{
	const amqp_basic_properties_t *props = f->payload.properties.decoded;
	char text[EG_MESSAGE_ID_SIZE];
	int64_t k;

	if ((props->_flags & AMQP_BASIC_MESSAGE_ID_FLAG) == 0 || props->message_id.len >= sizeof(text))
		return UINT64_MAX;
	snprintf(text, sizeof(text), "%.*s", (int)props->message_id.len,
	    (const char *)props->message_id.bytes);
	return eg_int_parse(text, 0, INT64_MAX, &k) == EG_NUMBER_OK ? (uint64_t)k : UINT64_MAX;
}

int
eg_publisher_take_header(struct eg_publisher *p, const amqp_frame_t *f, struct eg_error *e)
{
	uint64_t k;

	if (!p->hold.came || f->frame_type != AMQP_FRAME_HEADER)
		return 0;
	p->hold.came = false;
	k = number_of(f);
	if (k < p->head || k >= p->sent)
		return 0;
	if (p->hold.doubt && k == p->hold.first)
		return eg_fail(e, EG_CONFIG, "%s", p->hold.why);
	p->slot[k % p->size].returned = true;
	return 0;
}

static bool
all_answered(const struct eg_publisher *p)
{
	for (uint64_t k = p->head; k < p->sent; k++)
		if (!p->slot[k % p->size].confirmed && !p->slot[k % p->size].returned)
			return false;
	return true;
}

/* Empties the publisher: what is confirmed is done, the rest goes back to the caller. Of a
 * sensor, that is the last part of its messages, so that sending it again keeps the order. */
static void
give_back(struct eg_publisher *p)
{
	for (; p->head < p->end; p->head++) {
		struct eg_slot *s = &p->slot[p->head % p->size];

		if (s->confirmed)
			p->cfg.confirmed(p->cfg.ctx, s->item);
		else
			p->cfg.again(p->cfg.ctx, s->item);
		p->counts.repeats += s->returned;
		*s = (struct eg_slot){ 0 };
	}
	p->sent = p->end;
}

static void
stay(struct eg_publisher *p, int64_t now, bool changing)
{
	p->hold.due = now + LOOK_MS;
	if (!changing || p->hold.seen)
		return;
	p->hold.seen = true;
	eg_warn("eg-split changes the queues of exchange '%s': waiting", p->cfg.exchange);
}

static int
resume(struct eg_publisher *p, struct eg_error *e)
{
	uint32_t n;

	if (p->cfg.partitions != NULL) {
		if (eg_topology_count(&p->connection, p->cfg.exchange, true, &n) != 0) {
			stay(p, eg_mono_ms(), false);
			return 0;
		}
		if (p->cfg.partitions(p->cfg.ctx, n, e) != 0)
			return -1;
	}
	if (p->hold.seen)
		eg_warn("the queues of exchange '%s' are changed, after %.1f s", p->cfg.exchange,
		    (double)(eg_mono_ms() - p->hold.since) / 1000);
	p->hold.doubt = !p->hold.seen && *p->hold.why != '\0';
	p->hold.first = p->head;
	p->hold.since = p->hold.due = 0;
	p->hold.seen = false;
	*p->hold.why = '\0';
	return 0;
}

int
eg_publisher_hold_work(struct eg_publisher *p, struct eg_error *e)
{
	int64_t now = eg_mono_ms();
	int changing;

	if (p->hold.doubt && p->head > p->hold.first)
		p->hold.doubt = false;
	if (p->hold.since == 0 || p->connection.conn == NULL || now < p->hold.due || !all_answered(p))
		return 0;
	give_back(p);
	changing = eg_topology_changing(&p->connection, p->cfg.exchange);
	if (changing == 0)
		return resume(p, e);
	stay(p, now, changing == 1);
	return 0;
}
