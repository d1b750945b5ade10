/* SPDX-License-Identifier: MIT */
/* What the files of this room share: the state of a run, and of each sensor. */
#ifndef EG_ENERGY_PARTS_H
#define EG_ENERGY_PARTS_H

#include "base/wide.h"
#include "energy/energy.h"
#include "energy/quantity.h"
#include "energy/register.h"
#include "meters/meters.h"
#include "record/names.h"

/* The slot of a sensor that is being added up. Sums are as its quantity counts. */
struct eg_sums {
	struct eg_span slot;         /* empty: none yet */
	struct eg_wide in, out;      /* out: with --sign, what is below 0, without its sign */
	int64_t covered;             /* nanoseconds */
	bool known;                  /* something is known of the slot: it is written */
	bool overflow;               /* a sum did not fit: it is refused */
};

struct eg_energy_sensor {
	const struct eg_quantity *quantity; /* of EG_SHAPE_NONE: passed over */
	struct eg_point held;    /* the last reading: one of the same time replaces it */
	struct eg_register past; /* base: the reading before. Of registers all of it is used */
	struct eg_sums sums;
	int64_t first;           /* the time of the first reading */
	bool holds;
	const char *name_fault;  /* why its results have no names; NULL: they have. Static */
};

struct eg_energy {
	struct eg_energy_options o;
	struct eg_slots *slots;
	struct eg_meters *meters;      /* NULL: none */
	struct eg_quantity *quantity;  /* of each line of meters, then of --from */
	size_t lines;
	int64_t gap;                   /* nanoseconds */
	struct eg_wide max_power;
	struct eg_register_rule rule;  /* without its quantity */
	size_t prefix, suffix;         /* bytes of o.name before and behind the '%' */
	struct eg_names names;
	struct eg_energy_sensor *sensor; /* by number */
	size_t room;
	uint32_t last;                 /* the sensor of the last record */
	size_t last_len;               /* of its name; 0: there is none */
	uint64_t events[EG_EVENT_ROLLOVER + 1], undecided, unknown;
};

/* The energy of a step, as a function of the time since its beginning. */
struct eg_step {
	int64_t from, to;     /* to > from */
	struct eg_wide total; /* as the quantity counts */
	struct eg_wide grain; /* parts are multiples of it, but for the last; 0: of 1 */
	bool slope;           /* the power changes evenly: by first and change */
	struct eg_wide first; /* twice the power at from */
	struct eg_wide change; /* the power at to, less that at from */
	bool crosses;         /* its power changes its sign, which parts in and out: */
	int64_t cross;        /* in the nanosecond that begins here */
	struct eg_wide crossed; /* the energy until the power is 0 */
	bool covers;          /* its time is known */
};

/* Adds a step to the slots of sensor i, split at their borders; writes slots that are
 * complete. Steps of a sensor follow each other. */
int eg_energy_add(struct eg_energy *n, struct eg_filter *f, uint32_t i, const struct eg_step *s,
    struct eg_error *e);

/* Adds an amount at an instant. */
int eg_energy_add_at(struct eg_energy *n, struct eg_filter *f, uint32_t i, int64_t ns,
    struct eg_wide amount, struct eg_error *e);

/* Adds the time from..to to what is covered of the slots of sensor i. */
int eg_energy_cover(struct eg_energy *n, struct eg_filter *f, uint32_t i, int64_t from, int64_t to,
    struct eg_error *e);

/* Writes the last slot of sensor i. */
int eg_energy_finish(struct eg_energy *n, struct eg_filter *f, uint32_t i, struct eg_error *e);

/* Takes a reading of sensor i that no other replaces any more. */
int eg_energy_settle(struct eg_energy *n, struct eg_filter *f, uint32_t i, const struct eg_point *p,
    struct eg_error *e);

/* Whether a sensor has a result for what is below 0: a register only counts up. */
bool eg_energy_exports(const struct eg_energy *n, const struct eg_energy_sensor *s);

/* The names of the results of sensor i, without a NUL; return their lengths. */
size_t eg_energy_name(const struct eg_energy *n, uint32_t i, char out[EG_SENSOR_MAX + 1]);
size_t eg_energy_export_name(const struct eg_energy *n, uint32_t i, char out[EG_SENSOR_MAX + 1]);
size_t eg_energy_covered_name(const struct eg_energy *n, uint32_t i, char out[EG_SENSOR_MAX + 1]);

/* Why the results of sensor i, the newest, cannot have their names: too long, or those of
 * another sensor's results, as `x` with --sign and `x_export`. NULL: they can. */
const char *eg_energy_name_fault(const struct eg_energy *n, uint32_t i);

/* Names an event of sensor i on standard error; the first ones, unless all are asked for. */
void eg_energy_tell(struct eg_energy *n, uint32_t i, enum eg_event event, const struct eg_point *p);

/* Names the suspect of sensor i that the end of the input leaves. */
void eg_energy_tell_undecided(struct eg_energy *n, uint32_t i);

/* Says how many events were not named. */
void eg_energy_tell_rest(const struct eg_energy *n);

#endif
