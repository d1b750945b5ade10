/* SPDX-License-Identifier: MIT */
/* The sensors of a file: their names in records, and where their rows are in time. */
#ifndef EG_IMPORT_SENSORS_H
#define EG_IMPORT_SENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "import/local.h"

struct eg_error;
struct eg_sensors;

/* What a row calls its sensor, in one file. */
struct eg_sensor {
	struct eg_local_order order;
};

/* For rows with `columns` columns of values; prefix goes in front of each name. NULL with
 * EG_BUG: out of memory. */
struct eg_sensors *eg_sensors_new(const char *prefix, size_t columns, struct eg_error *e);
void eg_sensors_free(struct eg_sensors *s);

/* The next file begins: what rows call a sensor is another's, its order begins anew. */
void eg_sensors_next_file(struct eg_sensors *s);

/* The sensor that rows call base (len bytes). NULL: out of memory. Valid until the next call. */
struct eg_sensor *eg_sensors_get(struct eg_sensors *s, const char *base, size_t len);

/* The name in records of column i of the sensor gotten last: prefix, base, '/', suffix, with
 * an underscore for each byte that a sensor cannot hold. Returns NULL and *name, *len; or a
 * reason: no name, too long, or a name that another sensor has. */
const char *eg_sensors_name(struct eg_sensors *s, size_t i, const char *suffix, const char **name,
    size_t *len);

/* Where the unit of the values of that name is kept, in all files: NULL at first. Call it behind
 * eg_sensors_name, which gave the name. */
const char **eg_sensors_unit(struct eg_sensors *s, size_t i);

#endif
