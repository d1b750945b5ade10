/* SPDX-License-Identifier: MIT */
/* Data structures of eg-energy, for the files of this room only. */
#ifndef EG_ENERGY_PARTS_H
#define EG_ENERGY_PARTS_H

#include <stddef.h>

#include "base/wide.h"
#include "energy/energy.h"
#include "energy/quantity.h"
#include "energy/register.h"
#include "meters/meters.h"
#include "record/names.h"

/* The current slot of a sensor. The unit of in and out depends on the quantity, see enum
 * eg_shape. */
struct eg_sums {
	struct eg_span slot;         /* start and end of the slot; empty: no slot yet */
	struct eg_wide in;           /* energy */
	int64_t covered;             /* known time in the slot, ns */
	bool known;                  /* the slot has data and will be written */
	bool overflow;               /* a sum was too large; the slot is refused */
	struct eg_wide out;          /* with --sign: the energy below 0, as a positive number */
};

/* Why the results of a sensor have no valid name. */
enum eg_name_fault { EG_NAME_OK, EG_NAME_LONG, EG_NAME_TAKEN };

/* With many sensors in random order the time goes into fetching these from memory. What each
 * reading needs stands together, the EG_ENERGY_HOT bytes from past.base up to sums.out. */
struct eg_energy_sensor {
	/* The reading before held is in base; the other members are for registers only. */
	struct eg_register past;
	struct eg_point held;    /* the last reading; a reading of the same time replaces it */
	int64_t first;           /* time of the first reading, ns since 1970 */
	uint32_t quantity;       /* index of its quantity in struct eg_energy */
	bool holds;
	uint8_t name_fault;      /* enum eg_name_fault */
	struct eg_sums sums;
};

#define EG_ENERGY_HOT (offsetof(struct eg_energy_sensor, sums.out) - \
	offsetof(struct eg_energy_sensor, past.base))

struct eg_energy {
	struct eg_energy_options o;
	struct eg_slots *slots;
	struct eg_meters *meters;      /* NULL: none */
	/* one for each line of meters, then the one of --from; EG_SHAPE_NONE: sensors are ignored */
	struct eg_quantity *quantity;
	size_t lines;
	int64_t gap;                   /* gap_ms in ns */
	struct eg_wide max_power;
	struct eg_register_rule rule;  /* for all registers; quantity is set for each sensor */
	size_t prefix, suffix;         /* length of o.name before and after the '%' */
	struct eg_names names;
	struct eg_energy_sensor *sensor; /* by sensor number, as in names */
	size_t room;
	uint64_t events[EG_EVENT_ROLLOVER + 1], undecided, unknown;
};

/* A step: the energy between two readings, which can be split at any time in between. */
struct eg_step {
	int64_t from, to;     /* to > from */
	struct eg_wide total; /* energy of the whole step; unit: see enum eg_shape */
	/* Unit of rounding when the step is split; the last part gets the rest. 0: rounds to 1. */
	struct eg_wide grain;
	bool slope;           /* the power is linear in time, see first and change */
	struct eg_wide first; /* 2 * power at from */
	struct eg_wide change; /* power at to minus power at from */
	bool crosses;         /* the power changes its sign at cross, which separates in from out: */
	int64_t cross;        /* ns since 1970, rounded down */
	struct eg_wide crossed; /* energy from `from` until the power is 0 */
	bool covers;          /* its duration counts as known time */
};

/* Adds a step to the slots of sensor i, splitting it at slot borders. Writes slots that are
 * complete. Steps of one sensor must be in order of time. */
int eg_energy_add(struct eg_energy *n, struct eg_filter *f, uint32_t i, const struct eg_step *s,
    struct eg_error *e);

/* Adds an amount of energy to the slot that contains ns. */
int eg_energy_add_at(struct eg_energy *n, struct eg_filter *f, uint32_t i, int64_t ns,
    struct eg_wide amount, struct eg_error *e);

/* Adds from..to to the known time of the slots of sensor i. */
int eg_energy_cover(struct eg_energy *n, struct eg_filter *f, uint32_t i, int64_t from, int64_t to,
    struct eg_error *e);

/* Writes the last slot of sensor i. */
int eg_energy_finish(struct eg_energy *n, struct eg_filter *f, uint32_t i, struct eg_error *e);

/* Processes a reading of sensor i when no reading of the same time can replace it any more. */
int eg_energy_settle(struct eg_energy *n, struct eg_filter *f, uint32_t i, const struct eg_point *p,
    struct eg_error *e);

/* Whether the sensor has a result for energy below 0. Registers have none: they only count up. */
bool eg_energy_exports(const struct eg_energy *n, const struct eg_energy_sensor *s);

/* Writes the name of a result of sensor i to out, without a NUL. Returns its length. */
size_t eg_energy_name(const struct eg_energy *n, uint32_t i, char out[EG_SENSOR_MAX + 1]);
size_t eg_energy_export_name(const struct eg_energy *n, uint32_t i, char out[EG_SENSOR_MAX + 1]);
size_t eg_energy_covered_name(const struct eg_energy *n, uint32_t i, char out[EG_SENSOR_MAX + 1]);

/* Returns whether the results of sensor i, the newest sensor, can have their names: not if they are
 * too long, or already used by another sensor (`x` with --sign and `x_export`). */
enum eg_name_fault eg_energy_name_fault(const struct eg_energy *n, uint32_t i);

static inline const struct eg_quantity *
eg_energy_quantity(const struct eg_energy *n, const struct eg_energy_sensor *s)
{
	return &n->quantity[s->quantity];
}

/* Reports an event of sensor i on standard error: the first 20 (rollovers: none), or all of them
 * with all_events. */
void eg_energy_tell(struct eg_energy *n, uint32_t i, enum eg_event event, const struct eg_point *p);

/* Reports a suspect reading of sensor i that is undecided at the end of the input. */
void eg_energy_tell_undecided(struct eg_energy *n, uint32_t i);

/* Reports the totals at the end, if some events were not shown. */
void eg_energy_tell_rest(const struct eg_energy *n);

#endif
