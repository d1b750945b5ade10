/* SPDX-License-Identifier: MIT */
/* The sensors of a tariff: what is known of each, and the names of its results. */
#ifndef EG_TARIFF_SENSORS_H
#define EG_TARIFF_SENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/slots.h"
#include "base/wide.h"
#include "record/names.h"
#include "record/record.h"
#include "tariff/chosen.h"
#include "tariff/table.h"

#define EG_TARIFF_NAME_SIZE (EG_SENSOR_MAX + 1)

/* A sensor of the input. */
struct eg_tariff_sensor {
	bool chosen, pending;    /* pending: sum is not written yet */
	/* another sensor has the same name without _kwh, or the same results */
	bool twin;
	bool fits;               /* the names of its costs and fees fit in EG_SENSOR_MAX bytes */
	int64_t fee[EG_FEES];    /* the day, month and year whose fee was written last */
	struct eg_span span;     /* with the table's `round`: the slot of sum */
	struct eg_wide sum, last; /* last: added by the slot at last_ns; replaced if that slot
				   * repeats */
	int64_t last_ns;
};

/* All sensors of the input. */
struct eg_tariff_sensors {
	const struct eg_tariff_options *o;
	const struct eg_table *table;
	struct eg_meters *meters;        /* NULL: the role of a sensor is not known */
	struct eg_names names;           /* number i has sensor[i] */
	struct eg_tariff_sensor *sensor;
	size_t room;
	struct eg_names band_names;      /* names of results, if two sensors can have the same one */
	bool bands_overlap;              /* two sensors can, by bands as peak and off_peak */
};

/* Initialises *t, and reads the file of meters. o and the table stay the caller's, and must outlive
 * *t. Blocks. Returns 0 or -1 with *e. */
int eg_tariff_sensors_open(struct eg_tariff_sensors *t, const struct eg_tariff_options *o,
    const struct eg_table *table, struct eg_error *e);

/* Frees what *t holds. *t may be all zero. */
void eg_tariff_sensors_close(struct eg_tariff_sensors *t);

/* The state of the record's sensor, new if necessary, valid until the next call. NULL: out of
 * memory. */
struct eg_tariff_sensor *eg_tariff_sensor_of(struct eg_tariff_sensors *t,
    const struct eg_record *r);

/* The form of the names of costs, with % for NAME. */
const char *eg_tariff_cost_form(const struct eg_tariff_options *o);

/* Writes `form` with the sensor, without _kwh, for its %. Returns the length; 0: it is longer than
 * EG_SENSOR_MAX. There is no NUL at its end. */
size_t eg_tariff_name(const char *form, const char *sensor, size_t len,
    char out[EG_TARIFF_NAME_SIZE]);

/* The name of the sensor's energy in a band, as eg_tariff_name. */
size_t eg_tariff_band_name(const struct eg_table *table, size_t band, const char *sensor,
    size_t len, char out[EG_TARIFF_NAME_SIZE]);

#endif
