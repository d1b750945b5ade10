/* SPDX-License-Identifier: MIT */
/* Telegrams of lines with OBIS codes: DSMR's P1 port, and readouts of IEC 62056-21. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/zone.h"
#include "decode/emit.h"

#define STX 2

enum { CHANNELS = 10 };

/* What C.D.E of a code A-B:C.D.E means, https://www.netbeheernederland.nl (DSMR P1). */
static const struct eg_field codes[] = {
	{ "1.8.0", "import" }, { "1.8.1", "import_t1" }, { "1.8.2", "import_t2" },
	{ "2.8.0", "export" }, { "2.8.1", "export_t1" }, { "2.8.2", "export_t2" },
	{ "1.7.0", "power" }, { "2.7.0", "power_export" }, { "16.7.0", "power_balance" },
	{ "21.7.0", "power_l1" }, { "41.7.0", "power_l2" }, { "61.7.0", "power_l3" },
	{ "22.7.0", "power_export_l1" }, { "42.7.0", "power_export_l2" },
	{ "62.7.0", "power_export_l3" },
	{ "32.7.0", "voltage_l1" }, { "52.7.0", "voltage_l2" }, { "72.7.0", "voltage_l3" },
	{ "31.7.0", "current_l1" }, { "51.7.0", "current_l2" }, { "71.7.0", "current_l3" },
	{ "1.4.0", "demand" }, { "1.6.0", "demand_peak" },
	{ "3.8.0", "reactive_import" }, { "4.8.0", "reactive_export" }, { "14.7.0", "frequency" },
};

/* M-Bus device types, EN 13757-3. */
static const struct {
	int type;
	const char *name;
} mediums[] = { { 3, "gas" }, { 7, "water" }, { 6, "hot_water" }, { 4, "heat" }, { 12, "heat" },
	{ 10, "cooling" }, { 2, "electricity" } };

/* A line taken apart: A-B:C.D.E(last) or (first)(last), each pointing into the body. */
struct line {
	const char *code; /* C.D.E */
	size_t code_len;
	int channel;      /* B, 0 where there is none */
	const char *first, *last;
	size_t first_len, last_len;
	int groups;       /* in parentheses */
};

struct telegram {
	struct eg_emit *s;
	const char *at, *end;
	bool p1;         /* with marks of winter and summer */
	int64_t ns;      /* of the telegram */
	int type[CHANNELS];
};

/* CRC-16 with the polynomial 0xA001, from '/' to '!', both included. */
static unsigned
crc16(const char *s, size_t len)
{
	unsigned crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)s[i];
		for (int k = 0; k < 8; k++)
			crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xA001 : crc >> 1;
	}
	return crc;
}

/* The next line, without what ends it. */
static bool
next_line(struct telegram *t, const char **line, size_t *len)
{
	const char *nl;

	if (t->at >= t->end)
		return false;
	*line = t->at;
	nl = memchr(t->at, '\n', (size_t)(t->end - t->at));
	*len = (size_t)((nl != NULL ? nl : t->end) - t->at);
	t->at += *len + 1;
	while (*len > 0 && (*line)[*len - 1] == '\r')
		--*len;
	if (*len > 0 && **line == STX) {
		++*line;
		--*len;
	}
	return true;
}

/* False for a line that holds no code and value. */
static bool
split_line(const char *line, size_t len, struct line *l)
{
	const char *open = memchr(line, '(', len), *end = line + len, *colon, *dash, *star;

	*l = (struct line){ .code = line, .first = "", .last = "" };
	if (open == NULL)
		return false;
	l->code_len = (size_t)(open - line);
	/* `1.8.0*255` is the present value; `1.8.0*01` that of the end of a former month. */
	star = memchr(line, '*', l->code_len);
	if (star != NULL && l->code_len - (size_t)(star - line) == 4 && memcmp(star, "*255", 4) == 0)
		l->code_len -= 4;
	colon = memchr(line, ':', l->code_len);
	if (colon != NULL) {
		dash = memchr(line, '-', (size_t)(colon - line));
		if (dash != NULL && dash + 2 == colon && dash[1] >= '0' && dash[1] <= '9')
			l->channel = dash[1] - '0';
		l->code = colon + 1;
		l->code_len -= (size_t)(colon + 1 - line);
	}
	for (; open != NULL && open < end; l->groups++) {
		const char *close = memchr(open, ')', (size_t)(end - open));

		if (close == NULL)
			return false;
		l->last = open + 1;
		l->last_len = (size_t)(close - open - 1);
		if (l->groups == 0) {
			l->first = l->last;
			l->first_len = l->last_len;
		}
		open = close + 1 < end && close[1] == '(' ? close + 1 : NULL;
	}
	return true;
}

static bool
is_code(const struct line *l, const char *code)
{
	return l->code_len == strlen(code) && memcmp(l->code, code, l->code_len) == 0;
}

static int
two(const char *s)
{
	return (s[0] - '0') * 10 + s[1] - '0';
}

/* Seconds since 1970 as the meter's clock shows them, YYMMDDhhmm and perhaps ss. */
static int
read_clock(struct eg_emit *s, const char *text, size_t digits, int64_t *local)
{
	char iso[48];
	enum eg_fault fault = EG_FAULT_TIME_FORM;
	int64_t ns = 0;

	if ((digits == 10 || digits == 12) && strspn(text, "0123456789") >= digits) {
		snprintf(iso, sizeof(iso), "20%02d-%02d-%02dT%02d:%02d:%02d", two(text),
		    two(text + 2), two(text + 4), two(text + 6), two(text + 8),
		    digits == 12 ? two(text + 10) : 0);
		fault = eg_time_parse(iso, strlen(iso), &ns);
	}
	if (fault == EG_FAULT_TIME_FORM)
		return eg_emit_refuse(s, "the time '%.*s' is not YYMMDDhhmmss and W or S",
		    (int)(digits < 30 ? digits : 30), text);
	if (fault != EG_FAULT_NONE)
		return eg_emit_refuse(s, "%s", eg_fault_text(fault));
	*local = ns / EG_NS_PER_S;
	return 0;
}

/* 101209112500W: W is winter time, S summer time, whatever the calendar says: some
 * meters have winter time all the year. Without a mark it is the zone's time. */
static int
read_time(struct telegram *t, const char *text, size_t len, int64_t *ns)
{
	char mark = len > 0 ? text[len - 1] : '\0';
	bool marked = mark == 'W' || mark == 'S';
	int64_t local = 0;

	if (read_clock(t->s, text, marked ? len - 1 : len, &local) != 0)
		return -1;
	if (marked && t->s->zone != NULL) {
		int winter, summer;

		eg_zone_seasons(t->s->zone, local, &winter, &summer);
		local -= mark == 'W' ? winter : summer;
	} else if (eg_emit_local(t->s, local, &local) != 0) {
		return -1;
	}
	*ns = local * EG_NS_PER_S;
	return 0;
}

/* 001073.079*kWh: the number as the meter has it. */
static int
put_reading(struct telegram *t, const char *field, const struct line *l, int64_t ns)
{
	/* A P1 port puts a time in front of a reading, a readout behind it. */
	const char *value = t->p1 ? l->last : l->first;
	size_t len = t->p1 ? l->last_len : l->first_len;
	const char *star = memchr(value, '*', len);

	return eg_emit_put(t->s, NULL, field, value, star != NULL ? (size_t)(star - value) : len, ns);
}

/* A meter on the M-Bus: its reading has the time at which it was taken. */
static int
put_mbus(struct telegram *t, const struct line *l)
{
	static const char none[] = "632525252525"; /* nothing was read, all bits set */
	char field[32];
	const char *name = "mbus";
	int64_t ns;

	if (l->groups != 2 || strncmp(l->first, none, sizeof(none) - 1) == 0)
		return 0;
	for (size_t i = 0; i < sizeof(mediums) / sizeof(mediums[0]); i++)
		if (mediums[i].type == t->type[l->channel])
			name = mediums[i].name;
	snprintf(field, sizeof(field), "%s_%d", name, l->channel);
	if (read_time(t, l->first, l->first_len, &ns) != 0)
		return -1;
	return put_reading(t, field, l, ns);
}

static int
put_line(struct telegram *t, const struct line *l)
{
	int64_t ns = t->ns;

	if (t->p1 && l->channel > 0 && (is_code(l, "24.2.1") || is_code(l, "24.2.3")))
		return put_mbus(t, l);
	if (t->p1 && is_code(l, "96.14.0"))
		return eg_emit_put(t->s, NULL, "tariff", l->last, l->last_len, ns);
	if (l->channel > 0 && t->p1)
		return 0;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (!is_code(l, codes[i].member))
			continue;
		if (l->groups > 2 && t->p1)
			return 0;
		if (t->p1 && l->groups == 2 && read_time(t, l->first, l->first_len, &ns) != 0)
			return -1;
		return put_reading(t, codes[i].field, l, ns);
	}
	return 0;
}

/* 003: a device type, 0 when it is none. */
static int
device_type(const struct line *l)
{
	int type = 0;

	for (size_t i = 0; i < l->last_len && i < 3; i++) {
		if (l->last[i] < '0' || l->last[i] > '9')
			return 0;
		type = type * 10 + l->last[i] - '0';
	}
	return type;
}

/* The date and time of a readout, `0.9.2(201123)` and `0.9.1(141836)`, some with
 * points or colons between: digits at to, six of them. */
static void
take_six(const struct line *l, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < l->last_len && n < 6; i++)
		if (l->last[i] >= '0' && l->last[i] <= '9')
			to[n++] = l->last[i];
}

/* What the readings need, wherever it stands: the telegram's time, the M-Bus' types. */
static int
look_ahead(struct telegram *t)
{
	struct telegram over = *t;
	char clock[13] = "";
	const char *text;
	struct line l;
	size_t len;
	bool timed = false;

	while (next_line(&over, &text, &len)) {
		if (!split_line(text, len, &l))
			continue;
		if (is_code(&l, "24.1.0")) {
			t->type[l.channel] = device_type(&l);
		} else if (t->p1 && is_code(&l, "1.0.0") && l.channel == 0) {
			timed = true;
			if (read_time(t, l.last, l.last_len, &t->ns) != 0)
				return -1;
		} else if (is_code(&l, "0.9.2")) {
			take_six(&l, clock);
		} else if (is_code(&l, "0.9.1")) {
			take_six(&l, clock + 6);
		}
	}
	if (timed)
		return 0;
	if (t->p1)
		return eg_emit_timeless(t->s, &t->ns);
	t->ns = t->s->m->arrived;
	/* A meter's clock is of use only to somebody who says what it shows. */
	if (t->s->zone == NULL || clock[0] == '\0' || clock[6] == '\0')
		return 0;
	return read_time(t, clock, strlen(clock), &t->ns);
}

static int
decode_lines(struct telegram *t)
{
	const struct eg_decode_message *m = t->s->m;
	const char *text;
	struct line l;
	size_t len;
	int rc = m->topic_len > 0 ? eg_emit_topic(t->s, "", "")
	                          : eg_emit_device(t->s, "meter", 5);

	if (rc != 0 || look_ahead(t) != 0)
		return -1;
	while (next_line(t, &text, &len))
		if (split_line(text, len, &l) && put_line(t, &l) != 0)
			return -1;
	return 0;
}

/* Finds the telegram from '/' to the '!' at the beginning of a line; returns what
 * follows the '!', NULL when it is cut short. */
static const char *
find_end(struct telegram *t)
{
	const char *end = t->end, *at = t->at;

	while (at < end && (*at == '\r' || *at == '\n' || *at == ' '))
		at++;
	if (at == end || *at != '/') {
		eg_emit_refuse(t->s, "the telegram does not begin with '/'");
		return NULL;
	}
	t->at = at;
	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL && ++at < end)
		if (*at == '!') {
			t->end = at;
			return at + 1;
		}
	eg_emit_refuse(t->s, "the telegram is cut short: it has no line with '!'");
	return NULL;
}

int
eg_decode_dsmr(struct eg_emit *s)
{
	const char *end = s->m->body + s->m->len, *tail;
	struct telegram t = { .s = s, .at = s->m->body, .end = end, .p1 = true };
	unsigned want, have;
	char hex[5] = "", *rest;

	tail = find_end(&t);
	if (tail == NULL)
		return -1;
	memcpy(hex, tail, end - tail < 4 ? (size_t)(end - tail) : 4);
	want = (unsigned)strtoul(hex, &rest, 16);
	if (strlen(hex) != 4 || *rest != '\0' || strspn(hex, "0123456789ABCDEFabcdef") != 4)
		return eg_emit_refuse(s, "the telegram has no checksum");
	have = crc16(t.at, (size_t)(tail - t.at));
	if (have != want)
		return eg_emit_refuse(s, "the checksum is %04X, not %04X as the telegram says", have,
		    want);
	return decode_lines(&t);
}

int
eg_decode_iec62056(struct eg_emit *s)
{
	struct telegram t = { .s = s, .at = s->m->body, .end = s->m->body + s->m->len };

	return find_end(&t) != NULL ? decode_lines(&t) : -1;
}
