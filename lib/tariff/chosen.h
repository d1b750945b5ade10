/* SPDX-License-Identifier: MIT */
/* Selects the sensors of a tariff: by patterns, or by the ends of their names and the roles of
 * their meters. See eg-tariff(1). */
#ifndef EG_TARIFF_CHOSEN_H
#define EG_TARIFF_CHOSEN_H

#include <stdbool.h>
#include <stddef.h>

#include "meters/meters.h"
#include "tariff/tariff.h"

#define EG_TARIFF_KWH "_kwh"

/* The length of the sensor's name without EG_TARIFF_KWH at its end. */
size_t eg_tariff_stem(const char *sensor, size_t len);

/* Whether slots of the sensor are used. meters NULL: roles do not matter. */
bool eg_tariff_chosen(const struct eg_tariff_options *o, struct eg_meters *meters,
    const char *sensor, size_t len);

#endif
