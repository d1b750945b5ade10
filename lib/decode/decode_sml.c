/* SPDX-License-Identifier: MIT */
/* SML, the protocol of German meters: BSI TR-03109-1 annex IV, "Smart Message Language" 1.04. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crc16.h"
#include "base/decimal.h"
#include "decode/emit.h"
#include "decode/obis.h"
#include "decode/unit.h"

enum { OCTETS, BOOLEAN = 4, INTEGER, UNSIGNED, LIST };
enum { GET_LIST_RESPONSE = 0x0701, DEPTH_MAX = 8, SCALER_MAX = 20, SERVER_MAX = 32 };

/* Read position in a message without its transport escapes; at <= end. */
struct cursor {
	struct eg_emit *s;
	const unsigned char *at, *end;
	bool short_unsigned; /* this meter's power of less than 4 bytes has no sign */
};

/* A type-length field with its content; for a list, without its elements. */
struct item {
	int type;
	size_t n; /* length of the content, or number of elements */
	const unsigned char *p;
};

static int
broken(struct cursor *c)
{
	(void)eg_emit_refuse(c->s, "the SML is broken at byte %zu", (size_t)(c->end - c->at));
	return -1;
}

/* Reads the next item. The elements of a list are the items after it. */
static int
next(struct cursor *c, struct item *i)
{
	size_t len, head = 1;

	if (c->at == c->end)
		return broken(c);
	*i = (struct item){ .type = *c->at >> 4 & 7 };
	len = *c->at & 15;
	while ((*c->at++ & 0x80) != 0) {
		if (c->at == c->end || len > 0xffff)
			return broken(c);
		len = len << 4 | (*c->at & 15);
		head++;
	}
	if (i->type != LIST) {
		if (len < head && !(len == 0 && head == 1))
			return broken(c);
		len = len < head ? 0 : len - head;
		if (len > (size_t)(c->end - c->at))
			return broken(c);
		i->p = c->at;
		c->at += len;
	}
	i->n = len;
	return 0;
}

static int
skip_item(struct cursor *c, int depth)
{
	struct item i;

	if (next(c, &i) != 0)
		return -1;
	if (i.type != LIST)
		return 0;
	if (depth == DEPTH_MAX)
		return broken(c);
	for (size_t k = 0; k < i.n; k++)
		if (skip_item(c, depth + 1) != 0)
			return -1;
	return 0;
}

/* Reads the head of a list, which must have n elements. */
static int
expect(struct cursor *c, size_t n)
{
	struct item i;

	if (next(c, &i) != 0)
		return -1;
	return i.type == LIST && i.n == n ? 0 : broken(c);
}

/* Writes the number in decimal to text (24 bytes). Returns false if the item is not a number. */
static bool
number_text(const struct item *i, char *text)
{
	uint64_t v = 0;

	if ((i->type != INTEGER && i->type != UNSIGNED) || i->n == 0 || i->n > 8)
		return false;
	if (i->type == INTEGER && (i->p[0] & 0x80) != 0)
		v = UINT64_MAX;
	for (size_t k = 0; k < i->n; k++)
		v = v << 8 | i->p[k];
	if (i->type == INTEGER)
		snprintf(text, 24, "%" PRId64, (int64_t)v);
	else
		snprintf(text, 24, "%" PRIu64, v);
	return true;
}

static int64_t
small_number(const struct item *i)
{
	char text[24];

	return number_text(i, text) ? strtoll(text, NULL, 10) : 0;
}

/* SML_Time: seconds of operation, which are ignored, or a time in UTC with or without the
 * local offset. Some meters omit the tag of the choice and send only the seconds. */
static int
read_time(struct cursor *c, int64_t *ns)
{
	struct item i, tag;
	char text[24];

	if (next(c, &i) != 0)
		return -1;
	if (i.type != LIST)
		return 0;
	if (i.n != 2 || next(c, &tag) != 0 || next(c, &i) != 0)
		return broken(c);
	if (i.type == LIST) {
		size_t rest = i.n;

		if (rest == 0 || next(c, &i) != 0)
			return broken(c);
		while (--rest > 0)
			if (skip_item(c, 2) != 0)
				return -1;
	}
	if (small_number(&tag) >= 2 && number_text(&i, text) && strlen(text) < 11)
		*ns = strtoll(text, NULL, 10) * EG_NS_PER_S;
	return 0;
}

/* Emits value * 10^scaler, converted to the unit in the manual. */
static int
put_value(struct cursor *c, const struct item *name, const char *unit, int64_t scaler,
    const struct item *value, const char *group, int64_t ns)
{
	char code[32], text[24], scaled[EG_DECIMAL_SIZE];
	const char *to, *known;
	int n;

	if (name->n != 6 || !number_text(value, text))
		return 0;
	n = snprintf(code, sizeof(code), "%d.%d.%d", name->p[2], name->p[3], name->p[4]);
	if (name->p[0] != 1 || !eg_obis_find(code, (size_t)n, &known, &to) || unit == NULL ||
	    scaler < -SCALER_MAX || scaler > SCALER_MAX) {
		if (unit != NULL || (name->p[0] == 1 && eg_obis_find(code, (size_t)n, &known, &to)))
			eg_emit_pass_over(c->s, code, (size_t)n);
		return 0;
	}
	return eg_emit_quantity(c->s, *group != '\0' ? group : NULL, known, scaled,
	    eg_decimal_shift(text, strlen(text), (int)scaler, scaled), unit, strlen(unit), to, ns);
}

/* SML_ListEntry: name, status, time, unit, scaler, value, signature. */
static int
read_entry(struct cursor *c, const char *group, int64_t ns)
{
	struct item name, unit, scaler, value;

	if (expect(c, 7) != 0 || next(c, &name) != 0 || skip_item(c, 2) != 0)
		return -1;
	if (read_time(c, &ns) != 0 || next(c, &unit) != 0 || next(c, &scaler) != 0)
		return -1;
	if (name.type == LIST || unit.type == LIST || scaler.type == LIST || next(c, &value) != 0)
		return broken(c);
	for (size_t k = 0; value.type == LIST && k < value.n; k++)
		if (skip_item(c, 3) != 0)
			return -1;
	if (skip_item(c, 2) != 0)
		return -1;
	if (c->short_unsigned && value.type == INTEGER && value.n < 4 && name.n == 6 &&
	    memcmp(name.p, "\1\0\20\7\0", 5) == 0)
		value.type = UNSIGNED;
	return put_value(c, &name, eg_unit_dlms((int)small_number(&unit)), small_number(&scaler),
	    &value, group, ns);
}

/* Names the group. A frame may hold several meters; from the second on, the meter's server ID in
 * hex is part of the sensor's name. For the first meter the group is empty. */
static void
name_group(const struct item *server, struct item *first, char group[2 * SERVER_MAX + 1])
{
	*group = '\0';
	if (first->p == NULL)
		*first = *server;
	if (server->n == first->n && (server->n == 0 || memcmp(server->p, first->p, server->n) == 0))
		return;
	for (size_t k = 0; k < server->n && k < SERVER_MAX; k++)
		snprintf(group + 2 * k, 3, "%02x", server->p[k]);
}

/* Whether this is a DVS74 of DZG with the firmware that shortens a positive power as if it had no
 * sign, but marks it as signed: 0x8b28 is 356.24 W. A negative power always has 4 bytes. The ranges
 * of serial numbers are those of libsml, sml_list.c. */
static bool
shortens_wrongly(const struct item *server)
{
	const unsigned char *p = server->p;
	uint32_t serial;

	if (server->n != 10 || memcmp(p, "\x0a\1DZG\0", 6) != 0)
		return false;
	serial = (uint32_t)p[6] << 24 | (uint32_t)p[7] << 16 | (uint32_t)p[8] << 8 | p[9];
	return (serial >= 42000000 && serial < 49000000) || (serial >= 55000000 && serial < 59000000);
}

/* SML_GetList.Res: client, server, name, sensor's time, list, signature, gateway's time. */
static int
read_list(struct cursor *c, struct item *first)
{
	char group[2 * SERVER_MAX + 1];
	int64_t ns = c->s->m->arrived;
	struct item i;

	if (expect(c, 7) != 0 || skip_item(c, 2) != 0 || next(c, &i) != 0)
		return -1;
	if (i.type != OCTETS)
		return broken(c);
	name_group(&i, first, group);
	c->short_unsigned = shortens_wrongly(&i);
	if (skip_item(c, 2) != 0 || read_time(c, &ns) != 0 || next(c, &i) != 0)
		return -1;
	if (i.type != LIST)
		return broken(c);
	for (size_t k = 0; k < i.n; k++)
		if (read_entry(c, group, ns) != 0)
			return -1;
	return skip_item(c, 2) != 0 ? -1 : skip_item(c, 2);
}

/* SML_Message: transaction, group, abort, body (a choice), checksum, end. */
static int
read_message(struct cursor *c, struct item *first)
{
	struct item tag;

	if (expect(c, 6) != 0 || skip_item(c, 1) != 0 || skip_item(c, 1) != 0 || skip_item(c, 1) != 0 ||
	    expect(c, 2) != 0 || next(c, &tag) != 0)
		return -1;
	if ((small_number(&tag) == GET_LIST_RESPONSE ? read_list(c, first) : skip_item(c, 1)) != 0)
		return -1;
	return skip_item(c, 1) != 0 ? -1 : skip_item(c, 1);
}

/* Copies the messages to out without the transport's escapes. Returns their length. */
static size_t
unescape(const unsigned char *p, size_t len, unsigned char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; n++, i++) {
		if (len - i >= 8 && memcmp(p + i, "\x1b\x1b\x1b\x1b\x1b\x1b\x1b\x1b", 8) == 0) {
			memset(out + n, 0x1b, 3);
			n += 3;
			i += 7;
		}
		out[n] = p[i];
	}
	return n;
}

static int
read_file(struct eg_emit *s, unsigned char *text, size_t len)
{
	struct cursor c = { .s = s, .at = text, .end = text + len };
	struct item first = { .p = NULL };

	while (c.at < c.end)
		if (read_message(&c, &first) != 0)
			return -1;
	return 0;
}

int
eg_decode_sml(struct eg_emit *s)
{
	static const unsigned char begin[] = "\x1b\x1b\x1b\x1b\1\1\1\1", end[] = "\x1b\x1b\x1b\x1b\x1a";
	const unsigned char *p = (const unsigned char *)s->m->body;
	size_t len = s->m->len, fill;
	unsigned char *text;
	int rc = eg_emit_topic_or(s, "meter");

	if (rc != 0)
		return -1;
	if (len < 16 || memcmp(p, begin, 8) != 0 || memcmp(p + len - 8, end, 5) != 0)
		return eg_emit_refuse(s, "not a frame of SML, from 1b1b1b1b 01010101 to 1b1b1b1b 1a");
	if ((eg_crc16(0x8408, 0xffff, p, len - 2) ^ 0xffff) != (unsigned)(p[len - 2] | p[len - 1] << 8))
		return eg_emit_refuse(s, "the checksum of the SML is wrong");
	fill = p[len - 3];
	if (fill > 3 || fill > len - 16)
		return eg_emit_refuse(s, "the end of the SML is broken");
	if ((text = malloc(len)) == NULL) {
		s->no_memory = true;
		return -1;
	}
	rc = read_file(s, text, unescape(p + 8, len - 16 - fill, text));
	free(text);
	return rc;
}
