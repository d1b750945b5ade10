/* SPDX-License-Identifier: MIT */
/* Raises the prefetch of a consumer while messages come, without a change of their order.
 *
 * A prefetch applies to subscriptions that follow it: RabbitMQ 4 has no limit for a whole channel,
 * nor have quorum queues. So a second subscription with the larger prefetch takes the place of the
 * first:
 *
 * 1. Acknowledgements are held back until all messages that the first prefetch allows are here.
 *    Then none is on its way: a quorum queue puts those back into the queue when it handles the
 *    cancel, and they come again, behind others.
 * 2. The second subscription is sent. Its first message is the next one of the queue.
 * 3. When it comes, the first subscription is cancelled, and acknowledgements go on. Cancelled
 *    before, a queue with a single active consumer would go over to another program, which would
 *    process later messages while this one still has earlier ones. There, no message comes for the
 *    second subscription: in the end it is cancelled.
 *
 * If the first message of the second subscription is late, messages for the first one may be on
 * the way, so both stay: what both may have is the prefetch that the next attempt replaces. */
#include <string.h>

#include "amqp/consumer_parts.h"
#include "base/clock.h"

enum {
	/* as many messages as the prefetch within this time are fast */
	FAST_MS = 1000,
	/* Acknowledgements are held back no longer than this in step 1, and again in step 2. */
	HOLD_MS = 1000,
	/* Pause after an attempt for which too few messages came. */
	PAUSE_MS = 10 * 1000,
	/* If no message has come for the second subscription for this long, none is on its way. */
	LATE_MS = 10 * 1000,
};

static void
enter(struct eg_widening *w, enum eg_widening_state state, int64_t ms)
{
	w->state = state;
	w->due = eg_mono_ms() + ms;
}

/* Whether as many messages as the prefetch were acknowledged within FAST_MS. A slow receiver would
 * only keep messages from other consumers. */
static bool
is_fast(struct eg_consumer *c)
{
	struct eg_widening *w = &c->widening;
	int64_t now, since = w->counted_since;

	if (c->tags.acked - w->counted_from < c->room.prefetch)
		return false;
	now = eg_mono_ms();
	w->counted_since = now;
	w->counted_from = c->tags.acked;
	return now - since <= FAST_MS && now >= w->due;
}

/* Near the limit of the configuration the prefetch stays, since both subscriptions together could
 * exceed it. */
static void
begin(struct eg_consumer *c)
{
	unsigned n = eg_room_larger(&c->room);

	if (n == 0 || c->n_tags == EG_TAGS_MAX ||
	    eg_consumer_left(c) < 2 * (uint64_t)n || !is_fast(c))
		return;
	c->widening.prefetch = n;
	enter(&c->widening, EG_WIDENING_HOLDS, HOLD_MS);
}

void
eg_consumer_widen(struct eg_consumer *c)
{
	struct eg_widening *w = &c->widening;

	if (c->stopped || c->cancelled)
		return;
	if (w->state == EG_WIDENING_NONE)
		begin(c);
	/* The message whose size is known now is not counted in tags yet. */
	if (w->state != EG_WIDENING_HOLDS || c->tags.last + 1 - c->tags.acked < c->room.prefetch)
		return;
	eg_consumer_new_tag(c, w->tag);
	eg_consumer_send_subscription(c, w->tag, (uint16_t)w->prefetch, amqp_empty_table, true);
	enter(w, EG_WIDENING_ASKED, HOLD_MS);
}

/* Cancels the first subscription, and those that stayed beside it. */
static void
cancel_first(struct eg_consumer *c)
{
	while (c->n_tags > 0)
		eg_consumer_send_cancel(c, c->tag[--c->n_tags]);
}

/* The first message of the second subscription has come. */
static void
take_over(struct eg_consumer *c)
{
	struct eg_widening *w = &c->widening;

	if (w->state == EG_WIDENING_ASKED)
		cancel_first(c);
	else
		w->prefetch += c->room.prefetch;
	memcpy(c->tag[c->n_tags++], w->tag, EG_TAG);
	*w->tag = '\0';
	eg_room_use(&c->room, w->prefetch);
	enter(w, EG_WIDENING_NONE, 0);
}

void
eg_consumer_widened(struct eg_consumer *c, amqp_bytes_t tag)
{
	struct eg_widening *w = &c->widening;

	if (c->cancelled || (w->state != EG_WIDENING_ASKED && w->state != EG_WIDENING_LATE))
		return;
	if (tag.len == strlen(w->tag) && memcmp(tag.bytes, w->tag, tag.len) == 0)
		take_over(c);
	else if (w->state == EG_WIDENING_LATE && eg_mono_ms() >= w->due)
		eg_consumer_stop_widening(c);
}

int64_t
eg_consumer_held_until(const struct eg_consumer *c)
{
	const struct eg_widening *w = &c->widening;

	return w->state == EG_WIDENING_HOLDS || w->state == EG_WIDENING_ASKED ? w->due : 0;
}

bool
eg_consumer_holds_acks(struct eg_consumer *c)
{
	struct eg_widening *w = &c->widening;

	if (eg_consumer_held_until(c) == 0)
		return false;
	if (eg_mono_ms() < w->due)
		return true;
	if (w->state == EG_WIDENING_HOLDS)
		enter(w, EG_WIDENING_NONE, PAUSE_MS);
	else
		enter(w, EG_WIDENING_LATE, LATE_MS);
	return false;
}

void
eg_consumer_stop_widening(struct eg_consumer *c)
{
	struct eg_widening *w = &c->widening;

	if (*w->tag != '\0' && c->connection.conn != NULL)
		eg_consumer_send_cancel(c, w->tag);
	*w->tag = '\0';
	w->state = EG_WIDENING_OFF;
}

void
eg_consumer_cancel(struct eg_consumer *c)
{
	if (c->connection.conn != NULL && !c->cancelled) {
		/* The second first: with a single active consumer it would become active. */
		eg_consumer_stop_widening(c);
		cancel_first(c);
	}
	c->cancelled = true;
}
