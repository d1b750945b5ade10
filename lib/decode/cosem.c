/* SPDX-License-Identifier: MIT */
/* Parses COSEM data. */
#include "decode/cosem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "decode/dlms_link.h"
#include "record/record.h"

enum { ARRAY = 1, STRUCTURE = 2, DEPTH_MAX = 8, DATE_TIME = 12, NOT_GIVEN = 0x8000 };

struct cursor {
	const unsigned char *at, *end;
	struct eg_cosem_leaf *leaf;
	size_t n;
	const char *why;
};

static const char broken[] = "the data of the message are broken";

/* The size of a type in bytes; -1 if it has a length of its own or is unknown. */
static int
fixed_size(int type)
{
	static const signed char sizes[] = { [EG_COSEM_NULL] = 1, [EG_COSEM_BOOLEAN] = 2,
	    [EG_COSEM_INT32] = 5,
		[EG_COSEM_UINT32] = 5, [EG_COSEM_BCD] = 2, [EG_COSEM_INT8] = 2, [EG_COSEM_INT16] = 3,
		[EG_COSEM_UINT8] = 2, [EG_COSEM_UINT16] = 3, [EG_COSEM_INT64] = 9, [EG_COSEM_UINT64] = 9,
		[EG_COSEM_ENUM] = 2, [EG_COSEM_FLOAT32] = 5, [EG_COSEM_FLOAT64] = 9,
		[EG_COSEM_DATE_TIME] = 13, [EG_COSEM_DATE] = 6, [EG_COSEM_TIME] = 5 };

	return type < (int)sizeof(sizes) ? sizes[type] - 1 : -1;
}

static void
add_leaf(struct cursor *c, int type)
{
	int fixed = fixed_size(type);
	size_t n = fixed < 0 ? 0 : (size_t)fixed;

	if (fixed < 0) {
		if ((type != EG_COSEM_OCTETS && type != EG_COSEM_TEXT && type != EG_COSEM_UTF8 &&
		        type != EG_COSEM_BITS) || !eg_dlms_length(&c->at, c->end, &n)) {
			c->why = broken;
			return;
		}
		if (type == EG_COSEM_BITS)
			n = (n + 7) / 8;
	}
	if (n > (size_t)(c->end - c->at)) {
		c->why = "the data of the message are cut short";
	} else if (c->n == EG_COSEM_LEAVES) {
		c->why = "the message has more than 256 values";
	} else {
		c->leaf[c->n++] = (struct eg_cosem_leaf){ type, n, c->at };
		c->at += n;
	}
}

static void
read_value(struct cursor *c, int depth)
{
	size_t n;
	int type;

	if (c->at == c->end || depth > DEPTH_MAX) {
		c->why = broken;
		return;
	}
	type = *c->at++;
	if (type != ARRAY && type != STRUCTURE) {
		add_leaf(c, type);
		return;
	}
	if (!eg_dlms_length(&c->at, c->end, &n))
		c->why = broken;
	for (; c->why == NULL && n > 0; n--)
		read_value(c, depth + 1);
}

const char *
eg_cosem_read(const unsigned char *p, size_t len, struct eg_cosem_leaf *leaf, size_t *n)
{
	struct cursor c = { p, p + len, leaf, 0, NULL };

	read_value(&c, 0);
	if (c.why == NULL && c.at != c.end)
		c.why = "something follows the data of the message";
	*n = c.n;
	return c.why;
}

bool
eg_cosem_number(const struct eg_cosem_leaf *l, char *text)
{
	bool is_signed = l->type == EG_COSEM_INT8 || l->type == EG_COSEM_INT16 ||
	    l->type == EG_COSEM_INT32 || l->type == EG_COSEM_INT64;
	uint64_t v = 0;

	if (!is_signed && l->type != EG_COSEM_UINT8 && l->type != EG_COSEM_UINT16 &&
	    l->type != EG_COSEM_UINT32 && l->type != EG_COSEM_UINT64 && l->type != EG_COSEM_ENUM)
		return false;
	if (is_signed && (l->p[0] & 0x80) != 0)
		v = UINT64_MAX;
	for (size_t i = 0; i < l->n; i++)
		v = v << 8 | l->p[i];
	if (is_signed)
		snprintf(text, 24, "%" PRId64, (int64_t)v);
	else
		snprintf(text, 24, "%" PRIu64, v);
	return true;
}

int
eg_cosem_small(const struct eg_cosem_leaf *l)
{
	char text[24];

	return l->n <= 2 && eg_cosem_number(l, text) ? (int)strtol(text, NULL, 10) : 0;
}

bool
eg_cosem_is_obis(const struct eg_cosem_leaf *l)
{
	return l->type == EG_COSEM_OCTETS && l->n == 6 && l->p[5] == 255 && l->p[0] <= 9;
}

int
eg_cosem_time(const unsigned char *p, size_t n, int64_t *ns)
{
	int deviation;
	char iso[48];

	if (n != DATE_TIME)
		return -1;
	snprintf(iso, sizeof(iso), "%04d-%02d-%02dT%02d:%02d:%02d", p[0] << 8 | p[1], p[2], p[3], p[5],
	    p[6], p[7] == 255 ? 0 : p[7]);
	if (eg_time_parse(iso, strlen(iso), ns) != EG_FAULT_NONE)
		return -1;
	if (p[8] < 100)
		*ns += p[8] * (EG_NS_PER_S / 100);
	deviation = p[9] << 8 | p[10];
	if (deviation == NOT_GIVEN)
		return 0;
	/* Minutes from local time to UTC: UTC = local + deviation. */
	deviation -= deviation > 0x7fff ? 0x10000 : 0;
	if (deviation < -720 || deviation > 840)
		return -1;
	*ns += deviation * 60 * EG_NS_PER_S;
	return 1;
}
