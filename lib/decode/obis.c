/* SPDX-License-Identifier: MIT */
/* The meaning of the OBIS codes in a telegram: readings, their units and times. */
#include "decode/obis.h"

#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/slice.h"
#include "decode/emit.h"
#include "decode/telegram.h"
#include "decode/unit.h"

enum { NONE, KWH, KW, V, A, KVARH, VAR, VA, HZ };

static const char units[][6] = { "", "kWh", "kW", "V", "A", "kvarh", "var", "VA", "Hz" };

/* The field for C.D.E of a code A-B:C.D.E, and the unit of its readings: DSMR P1 companion
 * standard 5.0.2, IEC 62056-61. Some meters send other units, which are converted. */
static const struct {
	const char *field;
	char code[7];
	unsigned char unit;
} codes[] = {
	{ "import", "1.8.0", KWH }, { "import_t1", "1.8.1", KWH }, { "import_t2", "1.8.2", KWH },
	{ "export", "2.8.0", KWH }, { "export_t1", "2.8.1", KWH }, { "export_t2", "2.8.2", KWH },
	{ "power", "1.7.0", KW }, { "power_export", "2.7.0", KW },
	{ "power_absolute", "15.7.0", KW }, { "power_balance", "16.7.0", KW },
	{ "power_balance_l1", "36.7.0", KW }, { "power_balance_l2", "56.7.0", KW },
	{ "power_balance_l3", "76.7.0", KW }, { "power_l1", "21.7.0", KW },
	{ "power_l2", "41.7.0", KW }, { "power_l3", "61.7.0", KW },
	{ "power_export_l1", "22.7.0", KW }, { "power_export_l2", "42.7.0", KW },
	{ "power_export_l3", "62.7.0", KW }, { "voltage_l1", "32.7.0", V },
	{ "voltage_l2", "52.7.0", V }, { "voltage_l3", "72.7.0", V }, { "current_l1", "31.7.0", A },
	{ "current_l2", "51.7.0", A }, { "current_l3", "71.7.0", A }, { "demand", "1.4.0", KW },
	{ "demand_peak", "1.6.0", KW }, { "reactive_import", "3.8.0", KVARH },
	{ "reactive_export", "4.8.0", KVARH }, { "frequency", "14.7.0", HZ },
	{ "power_factor", "13.7.0", NONE }, { "reactive_power", "3.7.0", VAR },
	{ "reactive_power_export", "4.7.0", VAR }, { "apparent_power", "9.7.0", VA },
	{ "apparent_power_export", "10.7.0", VA },
};

/* M-Bus device types (EN 13757-3), and the unit of their readings. */
static const struct {
	unsigned char type;
	char name[12], unit[4];
} mediums[] = { { 3, "gas", "m3" }, { 7, "water", "m3" }, { 6, "hot_water", "m3" },
	{ 4, "heat", "GJ" }, { 12, "heat", "GJ" }, { 10, "cooling", "GJ" },
	{ 2, "electricity", "kWh" } };

/* Beginnings of codes that are not quantities: identifiers, clocks, errors, limits, texts. */
static const char not_readings[][6] = { "0.", "96.", "97.", "99.", "24.", "17.", "94.", "F.",
	"C.", "31.4.", "0-", "9.", "98." };

/* A group that is not used may be absent, 0 or 255: 31.7.0.255 in DSMR 4.0, 1.7.255 in Easymeter's
 * Q3D. */
static bool
is_same(const char *s, size_t len, const char *code)
{
	size_t n = strlen(code);

	if (len > 4 && memcmp(s + len - 4, ".255", 4) == 0)
		len -= 4;
	if (len == n)
		return memcmp(s, code, n) == 0;
	return len + 2 == n && memcmp(s, code, len) == 0 && strcmp(code + n - 2, ".0") == 0;
}

bool
eg_telegram_is_code(const struct eg_telegram_line *l, const char *code)
{
	return is_same(l->code, l->code_len, code);
}

bool
eg_obis_find(const char *code, size_t len, const char **field, const char **unit)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (is_same(code, len, codes[i].code)) {
			*field = codes[i].field;
			*unit = units[codes[i].unit];
			return true;
		}
	return false;
}

/* Emits a reading of a device whose type is unknown: the unit becomes a part of the field. */
static int
put_untyped(struct eg_telegram *t, const char *field, struct eg_slice text, struct eg_slice unit,
    int64_t ns)
{
	static const char *const ends[][2] = { { "m3", "m3" }, { "kWh", "kwh" }, { "GJ", "gj" } };
	char name[64], out[EG_DECIMAL_SIZE];
	size_t len;

	for (size_t i = 0; unit.len > 0 && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (eg_unit_convert(text.s, text.len, unit.s, unit.len, ends[i][0], out, &len)) {
			snprintf(name, sizeof(name), "%s_%s", field, ends[i][1]);
			return eg_emit_put(t->s, NULL, name, out, len, ns);
		}
	snprintf(name, sizeof(name), "%s of an unknown type", field);
	eg_emit_pass_over(t->s, name, strlen(name));
	return 0;
}

/* Emits 001073.079*kWh as a record in the unit of the manual; `unit` is used if the text has
 * none. A quantity without any unit is passed over: it may be in kWh or in Wh. Empty parentheses
 * are no reading. */
static int
put_text(struct eg_telegram *t, const char *field, struct eg_slice text, struct eg_slice unit,
    const char *to, int64_t ns)
{
	const char *star = memchr(text.s, '*', text.len);

	if (star != NULL) {
		unit = (struct eg_slice){ star + 1, (size_t)(text.s + text.len - star - 1) };
		text.len = (size_t)(star - text.s);
	}
	if (text.len == 0)
		return 0;
	if (eg_decimal_check(text.s, text.len) != EG_NUMBER_OK)
		return eg_emit_put(t->s, NULL, field, text.s, text.len, ns); /* refuses it */
	if (to == NULL)
		return put_untyped(t, field, text, unit, ns);
	return eg_emit_quantity(t->s, NULL, field, text.s, text.len, unit.s, unit.len, to, ns);
}

/* Finds the time of a reading: a P1 port writes it before the reading, a readout after it. */
static int
put_reading(struct eg_telegram *t, const char *field, const struct eg_telegram_line *l,
    const char *to, int64_t ns)
{
	struct eg_slice text = t->p1 ? (struct eg_slice){ l->last, l->last_len }
	                             : (struct eg_slice){ l->first, l->first_len };

	return put_text(t, field, text, (struct eg_slice){ "", 0 }, to, ns);
}

/* The name of the device on a channel of the M-Bus, and the unit of its readings. */
static const char *
medium(const struct eg_telegram *t, int channel, char field[32])
{
	const char *name = "mbus", *unit = NULL;

	for (size_t i = 0; i < sizeof(mediums) / sizeof(mediums[0]); i++)
		if (mediums[i].type == t->type[channel]) {
			name = mediums[i].name;
			unit = mediums[i].unit;
		}
	snprintf(field, 32, "%s_%d", name, channel);
	return unit;
}

/* Whether a slot was never read: all bits of its time are set, or it has the first instant of
 * the meter's calendar. */
static bool
never_read(const char *time)
{
	return strncmp(time, "632525252525", 12) == 0 || strncmp(time, "700101", 6) == 0 ||
	    strncmp(time, "000101", 6) == 0;
}

/* Emits the reading of a meter on the M-Bus; it has the time at which it was taken. */
static int
put_mbus(struct eg_telegram *t, const struct eg_telegram_line *l)
{
	const char *unit;
	char field[32];
	int64_t ns;

	if (l->groups != 2 || never_read(l->first))
		return 0;
	unit = medium(t, l->channel, field);
	if (eg_telegram_time(t, l->first, l->first_len, &ns) != 0)
		return -1;
	return put_reading(t, field, l, unit, ns);
}

/* Finds the next group in parentheses after *at. Returns false if there is none. */
static bool
next_group(const char **at, const char *end, struct eg_slice *group)
{
	const char *close = *at < end && **at == '(' ? memchr(*at, ')', (size_t)(end - *at)) : NULL;

	if (close == NULL)
		return false;
	*group = (struct eg_slice){ *at + 1, (size_t)(close - *at - 1) };
	*at = close + 1;
	return true;
}

/* Emits Belgium's monthly peaks, each at the time of the peak: 98.1.0(n)(code)(code), then n
 * times (end of month)(time)(peak). In Hungary the code is that of the registers at the end of the
 * month, which are no peaks: 98.1.0(time)(value)... */
static int
put_peaks(struct eg_telegram *t, const struct eg_telegram_line *l)
{
	struct eg_slice month, when, peak, skipped;
	const char *at = l->open;
	int64_t ns;

	for (int i = 0; i < 3; i++)
		if (!next_group(&at, l->end, &skipped) ||
		    (i > 0 && memchr(skipped.s, ':', skipped.len) == NULL))
			return 0;
	while (next_group(&at, l->end, &month) && next_group(&at, l->end, &when) &&
	    next_group(&at, l->end, &peak)) {
		if (when.len < 12 || never_read(when.s))
			continue;
		if (eg_telegram_time(t, when.s, when.len, &ns) != 0 ||
		    put_text(t, "demand_peak", peak, (struct eg_slice){ "", 0 }, "kW", ns) != 0)
			return -1;
	}
	return 0;
}

/* DSMR 2 and 3: 24.3.0(time)(00)(60)(1)(0-2:24.2.1)(m3), with (value) on the next line. */
int
eg_telegram_put_profile(struct eg_telegram *t, const char *text, size_t len)
{
	const struct eg_telegram_line *l = &t->profile;
	struct eg_slice group;
	const char *unit;
	char field[32];
	int64_t ns = t->ns;

	t->in_profile = false;
	if (!next_group(&text, text + len, &group) || never_read(l->first))
		return 0;
	unit = medium(t, l->channel, field);
	/* As in look_ahead: without --tz the zone of its time is unknown. */
	if (t->s->zone != NULL && eg_telegram_time(t, l->first, l->first_len, &ns) != 0)
		return -1;
	return put_text(t, field, group, (struct eg_slice){ l->last, l->last_len }, unit, ns);
}

/* Reports an unknown code that has a number with a unit, so that the user notices the missing
 * reading. */
static void
pass_over(struct eg_telegram *t, const struct eg_telegram_line *l)
{
	for (size_t i = 0; i < sizeof(not_readings) / sizeof(not_readings[0]); i++)
		if (l->code_len >= strlen(not_readings[i]) &&
		    memcmp(l->code, not_readings[i], strlen(not_readings[i])) == 0)
			return;
	/* skip values of an earlier month, such as 1.8.0*01 */
	if (memchr(l->code, '*', l->code_len) == NULL &&
	    memchr(l->open, '*', (size_t)(l->end - l->open)) != NULL)
		eg_emit_pass_over(t->s, l->code, l->code_len);
}

int
eg_telegram_put(struct eg_telegram *t, const struct eg_telegram_line *l)
{
	const char *field, *unit;
	int64_t ns = t->ns;

	if (t->p1 && l->channel > 0 &&
	    (eg_telegram_is_code(l, "24.2.1") || eg_telegram_is_code(l, "24.2.3")))
		return put_mbus(t, l);
	if (l->channel > 0 && eg_telegram_is_code(l, "24.3.0")) {
		t->profile = *l;
		t->in_profile = true;
		return 0;
	}
	if (t->p1 && eg_telegram_is_code(l, "96.14.0"))
		return l->last_len == 0 ? 0 :
		    eg_emit_put(t->s, NULL, "tariff", l->last, l->last_len, ns);
	if (t->p1 && eg_telegram_is_code(l, "98.1.0"))
		return put_peaks(t, l);
	if (l->channel > 0 && t->p1)
		return 0;
	if (!eg_obis_find(l->code, l->code_len, &field, &unit)) {
		pass_over(t, l);
		return 0;
	}
	if (l->groups > 2 && t->p1)
		return 0;
	if (t->p1 && l->groups == 2 && eg_telegram_time(t, l->first, l->first_len, &ns) != 0)
		return -1;
	return put_reading(t, field, l, unit, ns);
}
