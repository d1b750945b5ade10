/* SPDX-License-Identifier: MIT */
/* What the tests of decoders share: a message in, lines or a reason out. */
#ifndef EG_DECODE_RUN_H
#define EG_DECODE_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "decode/decode.h"
#include "decode/known_meters.h"
#include "meters/meters.h"

/* 2024-10-27T12:00:00.5Z, when messages arrive unless told. */
#define ARRIVAL INT64_C(1730030400500000000)
#define AT_ARRIVAL "2024-10-27T12:00:00.5"

/* The formats of decoders, by their address. */
static struct {
	const struct eg_decode *d;
	const char *format;
} opened[64];

static void
remember(const struct eg_decode *d, const char *format)
{
	size_t i = 0;

	while (i < 63 && opened[i].d != NULL && opened[i].d != d)
		i++;
	opened[i].d = d;
	opened[i].format = format;
}

static const char *
format_of(const struct eg_decode *d)
{
	for (size_t i = 0; i < 64; i++)
		if (opened[i].d == d)
			return opened[i].format;
	return "";
}

/* Each sensor that a known format gives has its line in the file of meters that is printed. */
static void
meters_are_known(const struct eg_decode *d, const char *lines, size_t len)
{
	const char *text = eg_known_meters(format_of(d));
	struct eg_error e = { 0 };
	struct eg_meters *m;

	if (text == NULL)
		return;
	m = eg_meters_parse(format_of(d), text, strlen(text), &e);
	if (m == NULL)
		fail_msg("%s", e.text);
	for (const char *end = lines + len; lines < end;) {
		size_t n = (size_t)((const char *)memchr(lines, ':', (size_t)(end - lines)) - lines);

		if (eg_meters_find(m, lines, n) == NULL)
			fail_msg("no line of %s --meters for %.*s", format_of(d), (int)n, lines);
		lines = (const char *)memchr(lines, '\n', (size_t)(end - lines)) + 1;
	}
	eg_meters_free(m);
}

static struct eg_decode *
open_config(const struct eg_decode_config *config)
{
	struct eg_error e = { 0 };
	struct eg_decode *d = eg_decode_new(config, true, &e);

	if (d == NULL)
		fail_msg("%s", e.text);
	remember(d, config->format);
	return d;
}

static inline struct eg_decode *
open_format(const char *format)
{
	const struct eg_decode_config config = { .format = format,
		.zone = strcmp(format, "tasmota") == 0 ? "Europe/Rome" : NULL };

	return open_config(&config);
}

static struct eg_decoded
decode_at(struct eg_decode *d, int64_t arrived, const char *topic, const char *body, size_t len)
{
	const struct eg_decode_message m = { .topic = topic, .topic_len = strlen(topic),
		.body = body, .len = len, .arrived = arrived };
	struct eg_error e = { 0 };
	struct eg_decoded out;

	assert_int_equal(eg_decode_message(d, &m, &out, &e), 0);
	if (out.len > 0)
		meters_are_known(d, out.lines, out.len);
	return out;
}

static void
gives_at(struct eg_decode *d, int64_t arrived, const char *topic, const char *body,
    const char *lines)
{
	struct eg_decoded out = decode_at(d, arrived, topic, body, strlen(body));
	char text[16384];

	if (out.reason != NULL)
		fail_msg("refused: %s", out.reason);
	snprintf(text, sizeof(text), "%.*s", (int)out.len, out.len > 0 ? out.lines : "");
	assert_string_equal(text, lines);
}

static inline void
gives(struct eg_decode *d, const char *topic, const char *body, const char *lines)
{
	gives_at(d, ARRIVAL, topic, body, lines);
}

static void
refuses_bytes(struct eg_decode *d, const char *topic, const char *body, size_t len,
    const char *reason)
{
	struct eg_decoded out = decode_at(d, ARRIVAL, topic, body, len);

	if (out.reason == NULL)
		fail_msg("taken: %.*s", (int)out.len, out.lines);
	if (strstr(out.reason, reason) == NULL)
		fail_msg("the reason is: %s", out.reason);
	assert_int_equal(out.len, 0);
}

static inline void
refuses(struct eg_decode *d, const char *topic, const char *body, const char *reason)
{
	refuses_bytes(d, topic, body, strlen(body), reason);
}

#endif
