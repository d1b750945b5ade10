/* SPDX-License-Identifier: MIT */
/* The sensors of a file: their names in records, and the time order of their rows. */
#ifndef EG_IMPORT_SENSORS_H
#define EG_IMPORT_SENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "import/local.h"

struct eg_error;
struct eg_sensors;

/* The units of a sensor's values in all files; NULL: not known yet. */
struct eg_sensor_units {
	const char *named;  /* the first one that a column's name or a value had */
	const char *values; /* of values whose column names none; "" if they have none either */
};

/* A sensor in one file. */
struct eg_sensor {
	struct eg_local_order order;
};

/* For rows with `columns` columns of values. prefix begins each name. NULL with EG_BUG if memory
 * runs out. */
struct eg_sensors *eg_sensors_new(const char *prefix, size_t columns, struct eg_error *e);
void eg_sensors_free(struct eg_sensors *s);

/* Begins the next file: its rows refer to other sensors, with a new order. */
void eg_sensors_next_file(struct eg_sensors *s);

/* The sensor that rows call base (len bytes). NULL if memory runs out. Valid until the next
 * call. */
struct eg_sensor *eg_sensors_get(struct eg_sensors *s, const char *base, size_t len);

/* The name in records of column i of the sensor from the last eg_sensors_get: prefix, base, '/',
 * suffix, with an underscore for each byte that is invalid in a sensor. Returns NULL with *name
 * and *len, or a reason: no name, too long, or already the name of another sensor. */
const char *eg_sensors_name(struct eg_sensors *s, size_t i, const char *suffix, const char **name,
    size_t *len);

/* The units of that name's values, for the caller to change. Call it after eg_sensors_name, which
 * gave the name. */
struct eg_sensor_units *eg_sensors_units(struct eg_sensors *s, size_t i);

#endif
