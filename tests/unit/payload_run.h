/* SPDX-License-Identifier: MIT */
/* Opens messages as payloads in the tests, and compares what they became. */
#ifndef PAYLOAD_RUN_H
#define PAYLOAD_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "amqp/delivery.h"
#include "amqp/payload.h"
#include "base/diag.h"
#include "base/rejects.h"
#include "decode/decode.h"

static struct eg_error error;
static struct eg_rejects rejects = { .fd = -1 }; /* EG_REJECTS_INIT is no constant */

static struct eg_decode *decode; /* NULL: messages are records */
static const char *key = "";
static const char *encoding = "";
static size_t max = 16 << 20;
static bool redelivered;

static struct eg_payload *
open_bytes(const char *type, const char *body, size_t len)
{
	struct eg_delivery *d = eg_delivery_new(1, redelivered);
	struct eg_payload *p;

	assert_non_null(d);
	eg_delivery_set_key(d, key, strlen(key));
	d->sent = INT64_C(1700000000000000000);
	snprintf(d->type, sizeof(d->type), "%s", type);
	d->body = malloc(len + 1);
	assert_non_null(d->body);
	memcpy(d->body, body, len);
	d->len = len;
	snprintf(d->encoding, sizeof(d->encoding), "%s", encoding);
	p = eg_payload_open(d, &(struct eg_payload_options){ decode, max }, &rejects, &error);
	assert_non_null(p);
	return p;
}

static struct eg_payload *
open_text(const char *type, const char *body)
{
	return open_bytes(type, body, strlen(body));
}

static void
close_payload(struct eg_payload *p)
{
	eg_delivery_free(eg_payload_close(p));
}

static void
expect_dead(const struct eg_payload *p, const char *dead, size_t dead_len)
{
	size_t len;
	const char *body = eg_payload_dead(p, &len);

	if (p->refused == 0)
		return;
	assert_int_equal(len, dead_len);
	assert_memory_equal(body, dead, len);
}

static void
expect(const struct eg_payload *p, uint64_t records, uint64_t refused, const char *text,
    const char *dead)
{
	assert_int_equal(p->records, records);
	assert_int_equal(p->refused, refused);
	assert_int_equal(p->unit.len, strlen(text));
	assert_memory_equal(p->unit.text, text, p->unit.len);
	expect_dead(p, dead, p->refused > 0 ? strlen(dead) : 0);
}

#endif
