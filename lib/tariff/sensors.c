/* SPDX-License-Identifier: MIT */
/* The sensors of a tariff, and the names of their results. */
#include "tariff/sensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static const char kwh[] = EG_TARIFF_KWH;
static const char longest_fee[] = "%_fee_month";

/* Whether the name of a chosen sensor differs from this one only by _kwh. */
static bool
has_twin(const struct eg_tariff_sensors *t, const char *s, size_t len)
{
	size_t stem = eg_tariff_stem(s, len), twin = stem < len ? stem : len + sizeof(kwh) - 1;
	char name[EG_TARIFF_NAME_SIZE + sizeof(kwh)];
	uint32_t other;

	if (eg_tariff_stem(s, stem) < stem || twin > EG_SENSOR_MAX)
		return false;
	memcpy(name, s, len);
	memcpy(name + len, kwh, sizeof(kwh) - 1);
	other = eg_names_find(&t->names, name, twin);
	return other != EG_NAMES_NONE && t->sensor[other].chosen;
}

size_t
eg_tariff_name(const char *form, const char *sensor, size_t len, char out[EG_TARIFF_NAME_SIZE])
{
	const char *mark = strchr(form, '%');
	size_t front = (size_t)(mark - form), back = strlen(mark + 1);

	len = eg_tariff_stem(sensor, len);
	if (front + len + back > EG_SENSOR_MAX)
		return 0;
	memcpy(out, form, front);
	memcpy(out + front, sensor, len);
	memcpy(out + front + len, mark + 1, back);
	return front + len + back;
}

size_t
eg_tariff_band_name(const struct eg_table *table, size_t band, const char *sensor, size_t len,
    char out[EG_TARIFF_NAME_SIZE])
{
	char form[EG_BAND_NAME_MAX + 8];

	(void)snprintf(form, sizeof(form), "%%_%s_kwh", table->band[band]);
	return eg_tariff_name(form, sensor, len, out);
}

/* Whether the name of one band ends with `_` and the name of another, as off_peak and peak. Then
 * results of NAME_off in `peak` and of NAME in `off_peak` have the same name. */
static bool
bands_overlap(const struct eg_table *table)
{
	for (size_t i = 0; i < table->bands; i++)
		for (size_t k = 0; k < table->bands; k++) {
			size_t len = strlen(table->band[i]), end = strlen(table->band[k]);

			if (len > end && table->band[i][len - end - 1] == '_' &&
			    strcmp(table->band[i] + len - end, table->band[k]) == 0)
				return true;
		}
	return false;
}

/* Adds the names of the sensor's results to the set. *taken: another sensor has one of them. False:
 * out of memory. */
static bool
name_bands(struct eg_tariff_sensors *t, const char *sensor, size_t len, bool *taken)
{
	for (size_t i = 0; i < t->table->bands; i++) {
		char name[EG_TARIFF_NAME_SIZE];
		size_t n = eg_tariff_band_name(t->table, i, sensor, len, name);
		uint32_t before = t->band_names.n;
		uint32_t number = n > 0 ? eg_names_add(&t->band_names, name, n) : before;

		if (number == EG_NAMES_NONE)
			return false;
		*taken |= number < before;
	}
	return true;
}

/* Whether the names that costs and fees of the sensor have are not too long. */
static bool
names_fit(const struct eg_tariff_sensors *t, const struct eg_record *r)
{
	char name[EG_TARIFF_NAME_SIZE];

	return eg_tariff_name(longest_fee, r->line, r->sensor_len, name) > 0 &&
	    eg_tariff_name(eg_tariff_cost_form(t->o), r->line, r->sensor_len, name) > 0;
}

struct eg_tariff_sensor *
eg_tariff_sensor_of(struct eg_tariff_sensors *t, const struct eg_record *r)
{
	uint32_t known = t->names.n, i = eg_names_add(&t->names, r->line, r->sensor_len);

	if (i == EG_NAMES_NONE)
		return NULL;
	if (i < known)
		return &t->sensor[i];
	if (!eg_buf_grow(&t->sensor, &t->room, i + 1u, sizeof(*t->sensor)))
		return NULL;
	t->sensor[i] = (struct eg_tariff_sensor){ .chosen = eg_tariff_chosen(t->o, t->meters, r->line,
	    r->sensor_len), .twin = has_twin(t, r->line, r->sensor_len), .fits = names_fit(t, r),
		.fee = { INT64_MIN, INT64_MIN, INT64_MIN } };
	if (t->bands_overlap && t->sensor[i].chosen && !t->sensor[i].twin &&
	    !name_bands(t, r->line, r->sensor_len, &t->sensor[i].twin))
		return NULL;
	return &t->sensor[i];
}

const char *
eg_tariff_cost_form(const struct eg_tariff_options *o)
{
	if (o->name != NULL)
		return o->name;
	return o->credit ? "%_credit" : "%_cost";
}

int
eg_tariff_sensors_open(struct eg_tariff_sensors *t, const struct eg_tariff_options *o,
    const struct eg_table *table, struct eg_error *e)
{
	*t = (struct eg_tariff_sensors){ .o = o, .table = table,
		.bands_overlap = o->bands && bands_overlap(table) };
	if (o->meters != NULL)
		t->meters = eg_meters_read(o->meters, e);
	return o->meters == NULL || t->meters != NULL ? 0 : -1;
}

void
eg_tariff_sensors_close(struct eg_tariff_sensors *t)
{
	eg_meters_free(t->meters);
	eg_names_close(&t->names);
	eg_names_close(&t->band_names);
	free(t->sensor);
}
