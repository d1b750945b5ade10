/* SPDX-License-Identifier: MIT */
/* Publishes dead letters of deliveries. A delivery is acknowledged only after its dead letter is
 * confirmed. */
#include "amqp/deadletters.h"

#include <string.h>

#include "amqp/delivery.h"
#include "amqp/payload.h"
#include "amqp/publisher.h"
#include "record/message.h"

enum { WINDOW = 100 };

void
eg_deadletters_add(struct eg_deadletters *d, struct eg_payload *p)
{
	p->next = NULL;
	if (d->last != NULL)
		d->last->next = p;
	else
		d->first = p;
	d->last = p;
}

static struct eg_payload *
take_first(struct eg_deadletters *d)
{
	struct eg_payload *p = d->first;

	d->first = p->next;
	if (d->first == NULL)
		d->last = NULL;
	return p;
}

static void
append_header(struct eg_deadletters *d, size_t *n, const char *name, const char *value)
{
	d->headers[*n][0] = name;
	d->headers[(*n)++][1] = value;
}

static void
render_letter(void *ctx, void *item, struct eg_message_out *out)
{
	struct eg_deadletters *d = ctx;
	const struct eg_payload *p = item;
	const struct eg_delivery *of = p->delivery;
	size_t n = 0;

	append_header(d, &n, "x-eg-reason", p->reason);
	append_header(d, &n, "x-eg-queue", d->origin);
	append_header(d, &n, "x-eg-refused", p->count);
	/* With these headers the message can be decoded again, with the same result. */
	if (p->decoded)
		append_header(d, &n, EG_HEADER_ARRIVED, p->arrived);
	if (*of->key != '\0')
		append_header(d, &n, EG_HEADER_KEY, of->key);
	append_header(d, &n, NULL, NULL);
	*out = (struct eg_message_out){
		.type = p->form == EG_PAYLOAD_OBJECTS ? EG_TYPE_NDJSON : EG_TYPE_LINES,
		.kept = { of->props, of->props_len, p->form == EG_PAYLOAD_WHOLE },
		.key = d->name,
		.key_len = strlen(d->name),
		.headers = (const char *const (*)[2])d->headers,
	};
	out->body = eg_payload_dead(p, &out->len);
}

static void
on_confirmed(void *ctx, void *item)
{
	struct eg_deadletters *d = ctx;

	d->confirmed(d->ctx, item);
}

static void
on_forgotten(void *ctx, void *item)
{
	(void)ctx;
	eg_delivery_free(eg_payload_close(item));
}

/* Opens a connection of its own at the first dead letter. During an alarm a broker stops reading
 * from connections that publish, so on a shared one it would not see our acknowledgements. */
static int
open_publisher(struct eg_deadletters *d, struct eg_error *e)
{
	const struct eg_publisher_config config = {
		.broker = d->broker,
		.exchange = "",
		.queue = d->name,
		.create = true,
		.window = WINDOW,
		.render = render_letter,
		.confirmed = on_confirmed,
		.forgotten = on_forgotten,
		.ctx = d,
	};

	d->publisher = eg_publisher_new(&config, e);
	return d->publisher != NULL ? 0 : -1;
}

int
eg_deadletters_work(struct eg_deadletters *d, const struct pollfd *fd, struct eg_error *e)
{
	if (d->publisher == NULL && d->first == NULL)
		return 0;
	if (d->publisher == NULL && open_publisher(d, e) != 0)
		return -1;
	if (eg_publisher_work(d->publisher, fd, e) != 0)
		return -1;
	while (d->first != NULL && eg_publisher_ready(d->publisher))
		eg_publisher_send(d->publisher, take_first(d));
	eg_publisher_flush(d->publisher);
	return 0;
}

void
eg_deadletters_poll(struct eg_deadletters *d, struct pollfd *fd, int64_t *due)
{
	*fd = (struct pollfd){ .fd = -1 };
	if (d->publisher != NULL)
		eg_publisher_poll(d->publisher, d->first != NULL, fd, due);
}

bool
eg_deadletters_idle(const struct eg_deadletters *d)
{
	return d->first == NULL &&
	    (d->publisher == NULL || eg_publisher_pending(d->publisher) == 0);
}

int64_t
eg_deadletters_away(const struct eg_deadletters *d)
{
	return d->publisher != NULL && !eg_deadletters_idle(d) ? eg_publisher_away(d->publisher) : 0;
}

void
eg_deadletters_free(struct eg_deadletters *d)
{
	eg_publisher_free(d->publisher);
	d->publisher = NULL;
	while (d->first != NULL)
		eg_delivery_free(eg_payload_close(take_first(d)));
}
