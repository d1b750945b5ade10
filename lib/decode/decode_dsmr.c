/* SPDX-License-Identifier: MIT */
/* Telegrams of lines with OBIS codes: DSMR's P1 port, and readouts of IEC 62056-21. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc16.h"
#include "decode/emit.h"
#include "decode/telegram.h"

#define STX 2

/* The next line, without its line end. */
static bool
next_line(struct eg_telegram *t, const char **line, size_t *len)
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

/* Splits a line; false if it has no code and value. */
static bool
split_line(const char *line, size_t len, struct eg_telegram_line *l)
{
	const char *open = memchr(line, '(', len), *end = line + len, *colon, *dash;

	*l = (struct eg_telegram_line){ .code = line, .first = "", .last = "", .open = open,
	    .end = end };
	if (open == NULL)
		return false;
	l->code_len = (size_t)(open - line);
	/* `1.8.0*255` is the current value; `1.8.0*01` is the value at the end of an earlier
	 * month. */
	if (l->code_len > 4 && memcmp(open - 4, "*255", 4) == 0)
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

/* The device type in a value such as 003; 0 when it is not one. */
static int
device_type(const struct eg_telegram_line *l)
{
	int type = 0;

	for (size_t i = 0; i < l->last_len && i < 3; i++) {
		if (l->last[i] < '0' || l->last[i] > '9')
			return 0;
		type = type * 10 + l->last[i] - '0';
	}
	return type;
}

/* Copies the six digits of a readout's date or time, `0.9.2(201123)` and `0.9.1(141836)`, to
 * to. Some meters write points or colons between them. */
static void
take_six(const struct eg_telegram_line *l, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < l->last_len && n < 6; i++)
		if (l->last[i] >= '0' && l->last[i] <= '9')
			to[n++] = l->last[i];
}

/* Reads first what the readings depend on: the telegram's time and the M-Bus device types. They
 * may be on any line. */
static int
look_ahead(struct eg_telegram *t)
{
	struct eg_telegram over = *t;
	char clock[13] = "";
	const char *text;
	struct eg_telegram_line l;
	size_t len;
	bool timed = false;

	while (next_line(&over, &text, &len)) {
		if (!split_line(text, len, &l))
			continue;
		if (eg_telegram_is_code(&l, "24.1.0")) {
			t->type[l.channel] = device_type(&l);
		} else if (t->p1 && eg_telegram_is_code(&l, "1.0.0") && l.channel == 0) {
			timed = true;
			if (eg_telegram_time(t, l.last, l.last_len, &t->ns) != 0)
				return -1;
		} else if (eg_telegram_is_code(&l, "0.9.2")) {
			take_six(&l, clock);
		} else if (eg_telegram_is_code(&l, "0.9.1")) {
			take_six(&l, clock + 6);
		}
	}
	if (timed)
		return 0;
	if (t->p1)
		return eg_emit_timeless(t->s, &t->ns);
	t->ns = t->s->m->arrived;
	/* Without --tz the zone of the meter's clock is unknown, so its time is not used. */
	if (t->s->zone == NULL || clock[0] == '\0' || clock[6] == '\0')
		return 0;
	return eg_telegram_time(t, clock, strlen(clock), &t->ns);
}

static int
decode_lines(struct eg_telegram *t)
{
	const char *text;
	struct eg_telegram_line l;
	size_t len;

	if (eg_emit_topic_or(t->s, "meter") != 0 || look_ahead(t) != 0)
		return -1;
	while (next_line(t, &text, &len)) {
		bool profile = t->in_profile && len > 0 && *text == '(';

		t->in_profile &= profile;
		if (profile ? eg_telegram_put_profile(t, text, len) != 0
		            : split_line(text, len, &l) && eg_telegram_put(t, &l) != 0)
			return -1;
	}
	return 0;
}

/* Finds the telegram, from '/' to a '!' that begins a line. Returns the text after the '!', NULL
 * if the telegram is incomplete. */
static const char *
find_end(struct eg_telegram *t)
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
	struct eg_telegram t = { .s = s, .at = s->m->body, .end = end, .p1 = true };
	unsigned want, have;
	char hex[5] = "";
	size_t n;

	tail = find_end(&t);
	if (tail == NULL)
		return -1;
	memcpy(hex, tail, end - tail < 4 ? (size_t)(end - tail) : 4);
	n = strspn(hex, "0123456789ABCDEFabcdef");
	/* Some meters omit leading zeros: !B9F. */
	if (n == 0 || (tail + n < end && tail[n] != '\r' && tail[n] != '\n'))
		return eg_emit_refuse(s, "the telegram has no checksum; of a meter before DSMR 4 "
		    "the format iec62056-21 reads it");
	hex[n] = '\0';
	want = (unsigned)strtoull(hex, NULL, 16);
	/* From '/' to '!', both included. */
	have = eg_crc16(0xA001, 0, t.at, (size_t)(tail - t.at));
	if (have != want)
		return eg_emit_refuse(s, "the checksum is %04X, not %04X as the telegram says", have,
		    want);
	return decode_lines(&t);
}

int
eg_decode_iec62056(struct eg_emit *s)
{
	struct eg_telegram t = { .s = s, .at = s->m->body, .end = s->m->body + s->m->len };

	return find_end(&t) != NULL ? decode_lines(&t) : -1;
}
