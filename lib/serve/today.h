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
	struct eg_quantity quantity; /* of EG_SHAPE_NONE: the sensor has no energy */
	struct eg_register past;     /* of a register */
	double unit, power;          /* of a power: kW in its unit; kW of the last reading */
	int64_t last;                /* the time of the last reading */
	bool begun;                  /* there was one */
	struct eg_span day;          /* that kwh is of; empty: none yet */
	int64_t since;               /* kwh is counted from here, in or at the beginning of day */
	double kwh;
};

/* Begins without readings. meter: what is known of the sensor, or NULL. */
void eg_today_begin(struct eg_today *t, const struct eg_meter *meter);

/* Adds a reading by the rules of eg-energy(1): a power stands until the next reading, 15
 * minutes at most; a register may rise with 60 kW. One that is not newer than the last is
 * ignored. days: slots of a day. */
void eg_today_add(struct eg_today *t, struct eg_slots *days, const struct eg_record *r);

/* The energy of the day that holds the instant now, in kWh, and since when it is counted:
 * the beginning of the day, or a later first reading. False: nothing is known of that day. */
bool eg_today_kwh(const struct eg_today *t, int64_t now, double *kwh, int64_t *since);

#endif
