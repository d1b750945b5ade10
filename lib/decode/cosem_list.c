/* SPDX-License-Identifier: MIT */
/* Readings in the data of a DLMS notification: OBIS codes with values, scalers and units. For
 * some lists, scalers and units are only in the manufacturer's documents, and so in tables here. */
#include "decode/cosem_list.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "decode/cosem.h"
#include "decode/emit.h"
#include "decode/obis.h"
#include "decode/unit.h"

/* Lists whose values have no scaler and unit beside them. */
enum list {
	LIST_UNKNOWN,
	LIST_KAIFA,    /* KFM_001 with codes and values, in Sweden: Kaifa's MA304H4 */
	LIST_KAMSTRUP, /* Kamstrup_V0001: codes and values; "HAN OBIS list information" for Norway */
	LIST_OBJECTS,  /* Landis+Gyr E450: a list of objects, then their values in the same order */
};

enum { SCALER_MAX = 20, KAIFA_TIME = 0x100 };

struct data {
	struct eg_emit *s;
	struct eg_cosem_leaf leaf[EG_COSEM_LEAVES];
	size_t n;
	enum list list;
	int64_t ns;
};

/* Kaifa's lists for Norway (KFM_001) have no codes; the position tells the quantity. Power in W
 * and var, energy in Wh and varh, current in mA, voltage in 0.1 V. */
struct place {
	char code[8], unit[5]; /* code "": not a reading */
	short scaler;
};

#define KAIFA_POWER \
	{ "", "", 0 }, { "", "", 0 }, { "", "", 0 }, { "1.7.0", "W", 0 }, { "2.7.0", "W", 0 }, \
	{ "3.7.0", "var", 0 }, { "4.7.0", "var", 0 }
#define KAIFA_ENERGY \
	{ "", "", KAIFA_TIME }, { "1.8.0", "Wh", 0 }, { "2.8.0", "Wh", 0 }, { "3.8.0", "varh", 0 }, \
	{ "4.8.0", "varh", 0 }

static const struct place kaifa_one[] = { KAIFA_POWER, { "31.7.0", "A", -3 }, { "32.7.0", "V", -1 },
	KAIFA_ENERGY };
static const struct place kaifa_three[] = { KAIFA_POWER, { "31.7.0", "A", -3 },
	{ "51.7.0", "A", -3 }, { "71.7.0", "A", -3 }, { "32.7.0", "V", -1 }, { "52.7.0", "V", -1 },
	{ "72.7.0", "V", -1 }, KAIFA_ENERGY };

/* If the 12 bytes are a time, it becomes the time of the readings. -1 if the message is refused. */
static int
take_time(struct data *d, const unsigned char *p, size_t n)
{
	int64_t ns, seconds;
	int kind = eg_cosem_time(p, n, &ns);

	if (kind == 0) {
		if (eg_emit_local(d->s, ns / EG_NS_PER_S, &seconds) != 0)
			return -1;
		ns = seconds * EG_NS_PER_S + ns % EG_NS_PER_S;
	}
	if (kind >= 0)
		d->ns = ns;
	return 0;
}

/* Emits value * 10^scaler, converted to the unit in the manual. */
static int
put_scaled(struct data *d, const char *code, const struct eg_cosem_leaf *value, int scaler,
    const char *unit)
{
	char text[24], scaled[EG_DECIMAL_SIZE];
	const char *field, *to;

	if (!eg_cosem_number(value, text)) {
		if (value->type == EG_COSEM_FLOAT32 || value->type == EG_COSEM_FLOAT64)
			eg_emit_pass_over(d->s, code, strlen(code));
		return 0;
	}
	if (unit == NULL || !eg_obis_find(code, strlen(code), &field, &to) || scaler < -SCALER_MAX ||
	    scaler > SCALER_MAX) {
		eg_emit_pass_over(d->s, code, strlen(code));
		return 0;
	}
	return eg_emit_quantity(d->s, NULL, field, scaled,
	    eg_decimal_shift(text, strlen(text), scaler, scaled), unit, strlen(unit), to, d->ns);
}

/* The unit and scaler of a value without them, from the list's document. NULL: unknown. */
static const char *
implied_unit(enum list list, const char *code, int *scaler)
{
	const char *field, *to;

	*scaler = 0;
	if (list == LIST_UNKNOWN || !eg_obis_find(code, strlen(code), &field, &to))
		return NULL;
	if (strcmp(to, "A") == 0)
		*scaler = list == LIST_KAIFA ? -3 : -2;
	if (strcmp(to, "V") == 0 && list == LIST_KAIFA)
		*scaler = -1;
	if (strchr(to, 'h') == NULL)
		return *to == 'k' ? to + 1 : to;
	*scaler = list == LIST_KAMSTRUP; /* values are in tens of Wh */
	return to + 1;
}

/* Emits the value of a code. The leaf after it may be its scaler, and the next one its unit. */
static int
put_value(struct data *d, const struct eg_cosem_leaf *obis, size_t at, bool scaled)
{
	const struct eg_cosem_leaf *value = &d->leaf[at];
	const char *unit;
	char code[16];
	int scaler;

	snprintf(code, sizeof(code), "%d.%d.%d", obis->p[2], obis->p[3], obis->p[4]);
	if (obis->p[0] == 0 && strcmp(code, "1.0.0") == 0)
		return take_time(d, value->p, value->type == EG_COSEM_OCTETS || value->type ==
		    EG_COSEM_DATE_TIME ? value->n : 0);
	if (scaled) {
		scaler = eg_cosem_small(&d->leaf[at + 1]);
		unit = eg_unit_dlms(eg_cosem_small(&d->leaf[at + 2]));
	} else {
		unit = implied_unit(d->list, code, &scaler);
	}
	/* The code is of another medium or of the device, so its unit and time are unknown. */
	if (obis->p[0] != 1)
		unit = NULL;
	if (obis->p[0] == 0 && obis->p[2] == 96)
		return 0;
	return put_scaled(d, code, value, scaler, unit);
}

/* Reads OBIS codes, each followed by its value. The time is read first, wherever it is. */
static int
put_codes(struct data *d)
{
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i + 1 < d->n; i++) {
			const struct eg_cosem_leaf *l = &d->leaf[i];
			bool clock, scaled = i + 3 < d->n && d->leaf[i + 2].type == EG_COSEM_INT8 &&
			    d->leaf[i + 3].type == EG_COSEM_ENUM;

			if (!eg_cosem_is_obis(l))
				continue;
			clock = memcmp(l->p, "\0\0\1\0\0", 5) == 0 || memcmp(l->p, "\0\1\1\0\0", 5) == 0;
			if (clock == (pass == 0) && put_value(d, l, i + 1, scaled) != 0)
				return -1;
			i++; /* skip the value, which may look like a code */
		}
	return 0;
}

/* The number of object definitions (class, code, attribute, index) at the start of the data. */
static size_t
count_objects(const struct data *d)
{
	size_t n = 0;

	while (4 * n + 3 < d->n && d->leaf[4 * n].type == EG_COSEM_UINT16 &&
	    eg_cosem_is_obis(&d->leaf[4 * n + 1]) && d->leaf[4 * n + 2].type == EG_COSEM_INT8 &&
	    d->leaf[4 * n + 3].type == EG_COSEM_UINT16)
		n++;
	return n;
}

/* Reads values in the order of the definitions. The first object is the list itself, whose value
 * the definitions are. */
static int
put_objects(struct data *d, size_t objects)
{
	size_t first = d->leaf[1].p[2] == 25 && d->leaf[1].p[3] == 9;

	if (d->n - 4 * objects != objects - first)
		return eg_emit_refuse(d->s, "%zu values do not fit the list of %zu objects",
		    d->n - 4 * objects, objects);
	d->list = LIST_OBJECTS;
	for (int pass = 0; pass < 2; pass++)
		for (size_t k = first; k < objects; k++) {
			const struct eg_cosem_leaf *obis = &d->leaf[4 * k + 1];
			bool clock = obis->p[0] == 0 && obis->p[2] == 1 && obis->p[3] == 0;

			if (clock == (pass == 0) && eg_cosem_small(&d->leaf[4 * k + 2]) == 2 &&
			    put_value(d, obis, 4 * objects + k - first, false) != 0)
				return -1;
		}
	return 0;
}

static int
put_places(struct data *d, const struct place *place)
{
	for (size_t i = 0; i < d->n; i++)
		if (place[i].scaler == KAIFA_TIME && take_time(d, d->leaf[i].p, d->leaf[i].n) != 0)
			return -1;
	for (size_t i = 0; i < d->n; i++)
		if (*place[i].code != '\0' &&
		    put_scaled(d, place[i].code, &d->leaf[i], place[i].scaler, place[i].unit) != 0)
			return -1;
	return 0;
}

static bool
begins_with(const struct eg_cosem_leaf *l, const char *text)
{
	return (l->type == EG_COSEM_TEXT || l->type == EG_COSEM_OCTETS || l->type == EG_COSEM_UTF8) &&
	    l->n >= strlen(text) && memcmp(l->p, text, strlen(text)) == 0;
}

/* The positions of Kaifa's list: it has only the power, or begins with its name. NULL: another
 * list. */
static const struct place *
kaifa(const struct data *d)
{
	static const struct place alone[] = { { "1.7.0", "W", 0 } };

	if (d->n == 1)
		return d->leaf[0].type == EG_COSEM_UINT32 ? alone : NULL;
	if (d->n == 0 || !begins_with(&d->leaf[0], "KFM_"))
		return NULL;
	return d->n == 9 || d->n == 14 ? kaifa_one : d->n == 13 || d->n == 18 ? kaifa_three : NULL;
}

int
eg_cosem_put(struct eg_emit *s, const unsigned char *time, size_t time_len, const unsigned char *p,
    size_t len)
{
	struct data d = { .s = s, .ns = s->m->arrived };
	const char *why = eg_cosem_read(p, len, d.leaf, &d.n);
	const struct place *place;
	size_t objects;

	if (why != NULL)
		return eg_emit_refuse(s, "%s", why);
	if (time_len > 0 && take_time(&d, time, time_len) != 0)
		return -1;
	place = kaifa(&d);
	if (place != NULL)
		return put_places(&d, place);
	objects = count_objects(&d);
	if (objects > 1)
		return put_objects(&d, objects);
	if (d.n > 0 && begins_with(&d.leaf[0], "Kamstrup_V"))
		d.list = LIST_KAMSTRUP;
	if (d.n > 1 && begins_with(&d.leaf[1], "KFM_"))
		d.list = LIST_KAIFA;
	return put_codes(&d);
}
