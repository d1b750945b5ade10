/* SPDX-License-Identifier: MIT */
/* A received message, assembled from frames. */
#include "amqp/delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amqp/connection.h"
#include "amqp/marker.h"
#include "base/clock.h"
#include "base/diag.h"
#include "record/record.h"

enum {
	/* the largest value of RabbitMQ's max_message_size */
	BODY_MAX = 512 * 1024 * 1024,
	/* approximate memory of a message with its payload, besides its bytes */
	OVERHEAD = 1536,
};


struct eg_delivery *
eg_delivery_new(uint64_t tag, bool redelivered)
{
	struct eg_delivery *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->tag = tag;
	d->redelivered = redelivered;
	d->offset = -1;
	d->want = SIZE_MAX;
	return d;
}

void
eg_delivery_free(struct eg_delivery *d)
{
	if (d == NULL)
		return;
	if (d->held != NULL) {
		d->held->n--;
		d->held->bytes -= d->bytes;
	}
	free(d->props);
	free(d->body);
	free(d);
}

/* Stores the time; a time out of range is unknown. */
static void
set_sent(struct eg_delivery *d, uint64_t n, int64_t unit)
{
	d->sent = n <= (uint64_t)(INT64_MAX / unit) ? (int64_t)n * unit : 0;
}

/* Cuts off what does not fit, and what follows a NUL. */
static void
copy_text(char *to, size_t size, const void *from, size_t len)
{
	size_t n = 0;

	if (len > 0) {
		n = strnlen(from, len < size ? len : size - 1);
		memcpy(to, from, n);
	}
	to[n] = '\0';
}

void
eg_delivery_set_key(struct eg_delivery *d, const void *key, size_t len)
{
	copy_text(d->key, sizeof(d->key), key, len);
}

static bool
is_header(const amqp_table_entry_t *h, const char *name, uint8_t kind)
{
	return h->key.len == strlen(name) && memcmp(h->key.bytes, name, h->key.len) == 0 &&
	    h->value.kind == kind;
}

static void
take_headers(struct eg_delivery *d, const amqp_table_t *headers)
{
	for (int i = 0; i < headers->num_entries; i++) {
		const amqp_table_entry_t *h = &headers->entries[i];
		const amqp_bytes_t *text = &h->value.value.bytes;

		if (is_header(h, "x-stream-offset", AMQP_FIELD_KIND_I64))
			d->offset = h->value.value.i64;
		else if (is_header(h, EG_HEADER_KEY, AMQP_FIELD_KIND_UTF8))
			eg_delivery_set_key(d, text->bytes, text->len);
		else if (is_header(h, EG_HEADER_ARRIVED, AMQP_FIELD_KIND_UTF8))
			eg_time_parse(text->bytes, text->len, &d->sent);
		else if (is_header(h, "timestamp_in_ms", AMQP_FIELD_KIND_I64))
			set_sent(d, (uint64_t)h->value.value.i64, EG_NS_PER_MS);
	}
}

static int
take_header(struct eg_delivery *d, const amqp_frame_t *f, struct eg_error *e)
{
	const amqp_basic_properties_t *props = f->payload.properties.decoded;
	const amqp_bytes_t *raw = &f->payload.properties.raw;

	if (f->payload.properties.body_size > BODY_MAX)
		return eg_fail(e, EG_CONFIG, "a message of %llu bytes is beyond what we take",
		    (unsigned long long)f->payload.properties.body_size);
	d->want = (size_t)f->payload.properties.body_size;
	if ((props->_flags & AMQP_BASIC_CONTENT_TYPE_FLAG) != 0)
		copy_text(d->type, sizeof(d->type), props->content_type.bytes,
		    props->content_type.len);
	if ((props->_flags & AMQP_BASIC_CONTENT_ENCODING_FLAG) != 0)
		copy_text(d->encoding, sizeof(d->encoding), props->content_encoding.bytes,
		    props->content_encoding.len);
	d->marker = (props->_flags & AMQP_BASIC_TYPE_FLAG) != 0 &&
	    props->type.len == strlen(EG_MARKER_TYPE) &&
	    memcmp(props->type.bytes, EG_MARKER_TYPE, props->type.len) == 0;
	if ((props->_flags & AMQP_BASIC_TIMESTAMP_FLAG) != 0)
		set_sent(d, props->timestamp, EG_NS_PER_S);
	if ((props->_flags & AMQP_BASIC_HEADERS_FLAG) != 0)
		take_headers(d, &props->headers);
	d->props = malloc(raw->len + 1);
	if (d->props == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	memcpy(d->props, raw->bytes, raw->len);
	d->props_len = raw->len;
	return 0;
}

int
eg_delivery_take(struct eg_delivery *d, const struct amqp_frame_t_ *f, struct eg_error *e)
{
	size_t n = f->payload.body_fragment.len;

	if (f->frame_type == AMQP_FRAME_HEADER && d->props == NULL)
		return take_header(d, f, e);
	if (f->frame_type != AMQP_FRAME_BODY || d->body == NULL || n > d->want - d->len)
		return 0;
	memcpy(d->body + d->len, f->payload.body_fragment.bytes, n);
	d->len += n;
	return 0;
}

size_t
eg_delivery_size(const struct eg_delivery *d)
{
	return d->want + d->props_len + OVERHEAD;
}

int
eg_delivery_admit(struct eg_delivery *d, struct eg_delivery_held *held, struct eg_error *e)
{
	d->body = malloc(d->want + 1);
	if (d->body == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	d->held = held;
	held->n++;
	eg_delivery_hold(d, eg_delivery_size(d));
	return 0;
}

void
eg_delivery_hold(struct eg_delivery *d, size_t n)
{
	if (d->held == NULL)
		return;
	d->bytes += n;
	d->held->bytes += n;
}

bool
eg_delivery_whole(const struct eg_delivery *d)
{
	return d->body != NULL && d->len == d->want;
}
