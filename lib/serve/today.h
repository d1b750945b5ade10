/* SPDX-License-Identifier: MIT */
/* The energy of a sensor today, for the page: from the readings that came since the server
 * started. eg-energy has the exact amounts of a store. */
#ifndef EG_TODAY_H
#define EG_TODAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slots.h"
#include "energy/quantity.h"
#include "energy/register.h"

struct eg_meter;
struct eg_record;

struct eg_today {
	struct eg_quantity quantity; /* shape EG_SHAPE_NONE: the sensor has no energy */
	struct eg_register past;     /* state, if it is a register */
	double unit, power;          /* if it is a power: kW per unit; kW of the last reading */
	int64_t last;                /* the time of the last reading */
	bool begun;                  /* there was a reading */
	struct eg_span day;          /* the day of kwh; empty: none yet */
	int64_t since;               /* start of the time in kwh: the beginning of day, or later */
	double kwh;
};

/* Begins without readings. meter: what is known of the sensor, or NULL. */
void eg_today_begin(struct eg_today *t, const struct eg_meter *meter);

/* Adds a reading by the rules of eg-energy(1): a power stands until the next reading, 15
 * minutes at most; a register may rise with 60 kW. One that is not newer than the last is
 * ignored. days: slots of a day. */
void eg_today_add(struct eg_today *t, struct eg_slots *days, const struct eg_record *r);

/* The energy of the day that contains the time now, in kWh. *since: start of the time in it, which
 * is the beginning of the day or a later first reading. False: no reading of that day. */
bool eg_today_kwh(const struct eg_today *t, int64_t now, double *kwh, int64_t *since);

#endif
