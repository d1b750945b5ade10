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

enum { SCALER_MAX = 20 };

struct data {
	struct eg_emit *s;
	struct eg_cosem_leaf leaf[EG_COSEM_LEAVES];
	size_t n;
	enum list list;
	int64_t ns;
};

/* Lists without codes: the position tells the quantity. "": not a reading, "t": the time. */
typedef char place[7];

#define POWER "1.7.0", "2.7.0", "3.7.0", "4.7.0"
#define ENERGY "1.8.0", "2.8.0", "3.8.0", "4.8.0"

/* Kaifa's for Norway (KFM_001): power in W and var, energy in Wh and varh, current in mA, voltage
 * in 0.1 V. */
static const place kaifa_one[] = { "", "", "", POWER, "31.7.0", "32.7.0", "t", ENERGY };
static const place kaifa_three[] = { "", "", "", POWER, "31.7.0", "51.7.0", "71.7.0", "32.7.0",
	"52.7.0", "72.7.0", "t", ENERGY };

/* Wiener Netze in Vienna and, without the last two, Kärnten Netz: W, var, Wh, varh. */
static const place vienna[] = { ENERGY, POWER };

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
	bool found = false;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i + 1 < d->n; i++) {
			const struct eg_cosem_leaf *l = &d->leaf[i];
			bool clock, scaled = i + 3 < d->n && d->leaf[i + 2].type == EG_COSEM_INT8 &&
			    d->leaf[i + 3].type == EG_COSEM_ENUM;

			if (!eg_cosem_is_obis(l))
				continue;
			found = true;
			clock = memcmp(l->p, "\0\0\1\0\0", 5) == 0 || memcmp(l->p, "\0\1\1\0\0", 5) == 0;
			if (clock == (pass == 0) && put_value(d, l, i + 1, scaled) != 0)
				return -1;
			i++; /* skip the value, which may look like a code */
		}
	if (!found && d->n > 0)
		eg_emit_pass_over(d->s, "a list without codes", 20);
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

/* Reads n values, from a leaf on, by their places. */
static int
put_places(struct data *d, enum list list, size_t from, const place *code, size_t n)
{
	const char *unit;
	int scaler;

	for (size_t i = 0; i < n; i++)
		if (*code[i] == 't' && take_time(d, d->leaf[from + i].p, d->leaf[from + i].n) != 0)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (*code[i] != '\0' && *code[i] != 't') {
			unit = implied_unit(list, code[i], &scaler);
			if (put_scaled(d, code[i], &d->leaf[from + i], scaler, unit) != 0)
				return -1;
		}
	return 0;
}

/* The number of values in a list of Vienna or Carinthia; 0: another list. Vienna: [serial number,]
 * time of 12 bytes, 8 numbers. Carinthia: code, serial number, time, date, 6 numbers, two texts. */
static size_t
austria(const struct data *d, size_t *from)
{
	size_t f = 0, n = 0;

	while (f < d->n && d->leaf[f].type != EG_COSEM_UINT32)
		f++;
	while (f + n < d->n && d->leaf[f + n].type == EG_COSEM_UINT32)
		n++;
	*from = f;
	if (n == 8 && (f == 1 || f == 2) && f + n == d->n && d->leaf[f - 1].n == 12)
		return n;
	return n == 6 && f == 4 && d->n == 12 && d->leaf[2].n == 4 && d->leaf[3].n == 5 ? n : 0;
}

static bool
begins_with(const struct eg_cosem_leaf *l, const char *text)
{
	return (l->type == EG_COSEM_TEXT || l->type == EG_COSEM_OCTETS || l->type == EG_COSEM_UTF8) &&
	    l->n >= strlen(text) && memcmp(l->p, text, strlen(text)) == 0;
}

/* The positions of Kaifa's list: it has only the power, or begins with its name. NULL: another
 * list. */
static const place *
kaifa(const struct data *d)
{
	if (d->n == 1)
		return d->leaf[0].type == EG_COSEM_UINT32 ? kaifa_one + 3 : NULL;
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
	const place *code;
	size_t objects, from, n;

	if (why != NULL)
		return eg_emit_refuse(s, "%s", why);
	if (time_len > 0 && take_time(&d, time, time_len) != 0)
		return -1;
	if ((code = kaifa(&d)) != NULL)
		return put_places(&d, LIST_KAIFA, 0, code, d.n);
	if ((n = austria(&d, &from)) > 0)
		return put_places(&d, LIST_OBJECTS, from, vienna, n);
	objects = count_objects(&d);
	if (objects > 1)
		return put_objects(&d, objects);
	if (d.n > 0 && begins_with(&d.leaf[0], "Kamstrup_V"))
		d.list = LIST_KAMSTRUP;
	if (d.n > 1 && begins_with(&d.leaf[1], "KFM_"))
		d.list = LIST_KAIFA;
	return put_codes(&d);
}
