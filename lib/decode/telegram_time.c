/* SPDX-License-Identifier: MIT */
/* The times in a telegram: local time with a mark for winter or summer. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/zone.h"
#include "decode/emit.h"
#include "decode/telegram.h"

static int
two_digits(const char *s)
{
	return (s[0] - '0') * 10 + s[1] - '0';
}

/* Parses YYMMDDhhmm or YYMMDDhhmmss into seconds since 1970, counted as if the meter's clock
 * were UTC. */
static int
read_clock(struct eg_emit *s, const char *text, size_t digits, int64_t *local)
{
	char iso[48];
	enum eg_fault fault = EG_FAULT_TIME_FORM;
	int64_t ns = 0;

	if ((digits == 10 || digits == 12) && strspn(text, "0123456789") >= digits) {
		snprintf(iso, sizeof(iso), "20%02d-%02d-%02dT%02d:%02d:%02d", two_digits(text),
		    two_digits(text + 2), two_digits(text + 4), two_digits(text + 6), two_digits(text + 8),
		    digits == 12 ? two_digits(text + 10) : 0);
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

/* Parses 101209112500W: W is winter time, S summer time, whatever the calendar says, since some
 * meters keep winter time all year. Without a mark, the time is in the zone. */
int
eg_telegram_time(struct eg_telegram *t, const char *text, size_t len, int64_t *ns)
{
	int mark = len > 0 ? text[len - 1] & ~0x20 : 0; /* some meters write w and s */
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
