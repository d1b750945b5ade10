/* SPDX-License-Identifier: MIT */
/* Answers markers, see amqp/marker.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "amqp/consumer_parts.h"
#include "amqp/delivery.h"
#include "base/diag.h"

/* Answers have a channel of their own, since the server closes a channel when the user may not
 * publish. */
enum { PAGE = 4096 };

/* Reads the marker's properties from d. Returns whether it can be answered. */
static bool
read_marker(struct eg_marker *m, const struct eg_delivery *d)
{
	const amqp_flags_t need = AMQP_BASIC_REPLY_TO_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG;
	amqp_bytes_t raw = { d->props_len, d->props };
	const amqp_basic_properties_t *props;
	void *decoded = NULL;
	amqp_pool_t pool;
	bool whole;

	init_amqp_pool(&pool, PAGE);
	whole = amqp_decode_properties(AMQP_BASIC_CLASS, &pool, raw, &decoded) == AMQP_STATUS_OK;
	props = decoded;
	whole = whole && (props->_flags & need) == need && props->reply_to.len < sizeof(m->reply_to) &&
	    props->correlation_id.len < sizeof(m->id);
	if (whole) {
		snprintf(m->reply_to, sizeof(m->reply_to), "%.*s", (int)props->reply_to.len,
		    (const char *)props->reply_to.bytes);
		snprintf(m->id, sizeof(m->id), "%.*s", (int)props->correlation_id.len,
		    (const char *)props->correlation_id.bytes);
		m->tag = d->tag;
	}
	empty_amqp_pool(&pool);
	return whole;
}

/* If there are too many, the newest gets no answer; eg-split asks again. */
void
eg_consumer_take_marker(struct eg_consumer *c, struct eg_delivery *d)
{
	if (c->n_markers < EG_MARKERS_MAX && read_marker(&c->marker[c->n_markers], d)) {
		eg_info("eg-split asks, marker %s", c->marker[c->n_markers].id);
		c->n_markers++;
	}
	eg_delivery_tags_settle(&c->tags, d->tag);
	eg_delivery_free(d);
}

bool
eg_consumer_marked(const struct eg_consumer *c)
{
	return c->n_markers > 0 && c->connection.conn != NULL && !c->connection.blocked &&
	    !c->answering && c->marker[0].tag <= c->tags.acked;
}

static void
publish_answer(struct eg_consumer *c, const struct eg_marker *m)
{
	amqp_basic_properties_t props = { ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG,
		.content_type = amqp_cstring_bytes("text/plain") };
	char body[EG_MARKER_ID_MAX + EG_MARKER_SESSION_MAX + 32];

	snprintf(body, sizeof(body), "%s %016" PRIx64 "-%" PRIu64 " %" PRIu64, m->id, c->session,
	    c->generation, c->delivered);
	(void)amqp_basic_publish(c->connection.conn, EG_CHANNEL_ANSWER, amqp_empty_bytes,
	    amqp_cstring_bytes(m->reply_to), 0, 0, &props, amqp_cstring_bytes(body));
	eg_info("answered eg-split, marker %s", m->id);
}

/* The channel is opened, used and closed without waiting for the broker's answers between. If
 * sending fails, the next read reports the lost connection. */
void
eg_consumer_answer(struct eg_consumer *c)
{
	amqp_channel_open_t open = { amqp_empty_bytes };
	amqp_channel_close_t end = { .reply_code = AMQP_REPLY_SUCCESS };
	size_t n = 0;

	if (!eg_consumer_marked(c))
		return;
	(void)amqp_send_method(c->connection.conn, EG_CHANNEL_ANSWER, AMQP_CHANNEL_OPEN_METHOD, &open);
	for (; n < c->n_markers && c->marker[n].tag <= c->tags.acked; n++)
		publish_answer(c, &c->marker[n]);
	(void)amqp_send_method(c->connection.conn, EG_CHANNEL_ANSWER, AMQP_CHANNEL_CLOSE_METHOD, &end);
	c->answering = true;
	c->n_markers -= n;
	memmove(c->marker, c->marker + n, c->n_markers * sizeof(c->marker[0]));
}

bool
eg_consumer_take_answer(struct eg_consumer *c, const amqp_frame_t *f)
{
	amqp_channel_close_ok_t ok = { 0 };

	if (f->channel != EG_CHANNEL_ANSWER)
		return false;
	if (f->frame_type != AMQP_FRAME_METHOD)
		return true;
	if (f->payload.method.id == AMQP_CHANNEL_CLOSE_METHOD) {
		eg_warn("the broker does not accept answers to eg-split (may this user write to the "
		        "default exchange?)");
		(void)amqp_send_method(c->connection.conn, EG_CHANNEL_ANSWER,
		    AMQP_CHANNEL_CLOSE_OK_METHOD, &ok);
		c->answering = false;
	} else if (f->payload.method.id == AMQP_CHANNEL_CLOSE_OK_METHOD) {
		c->answering = false;
	}
	return true;
}
