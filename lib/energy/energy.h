/* SPDX-License-Identifier: MIT */
/* Converts readings to energy: the work of eg-energy, see eg-energy(1). */
#ifndef EG_ENERGY_H
#define EG_ENERGY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slots.h"
#include "record/filter.h"

struct eg_error;
struct eg_energy;

enum eg_energy_rule { EG_ENERGY_LEFT, EG_ENERGY_TRAPEZOID };
#define EG_ENERGY_RULES "left trapezoid"

enum eg_energy_reset { EG_ENERGY_RESET_ZERO, EG_ENERGY_RESET_NEVER };
#define EG_ENERGY_RESETS "zero never"

struct eg_energy_options {
	/* kind of the sensors that match no line of meters; NULL: they are ignored */
	const char *from;
	const char *meters; /* path of a file of meters, or NULL */
	struct eg_slots_options slots;
	int64_t gap_ms;     /* between readings farther apart than this no energy is computed; 1 to
	                     * EG_ENERGY_GAP_MAX */
	enum eg_energy_rule rule;
	/* largest power and modulus of registers; modulus NULL: none */
	const char *max_power, *modulus;
	enum eg_energy_reset reset;
	bool sign;        /* write energy below 0 to a second sensor */
	bool covered;     /* write for each slot how much of its time is known */
	bool whole;       /* omit the first and the last slot of each sensor */
	bool all_events;  /* warn of every event, not only of the first 20 */
	const char *name; /* name of the results; '%' is replaced by the sensor */
	int digits;       /* decimal places of kWh, 0 to 18 */
};

#define EG_ENERGY_GAP_MAX (366 * EG_DAY_MS) /* 366 days; EG_DAY_MS is in base/options.h */

/* Checks the options, reads the file of meters. NULL with EG_USAGE or EG_CONFIG. Memory grows
 * with the number of sensors, by some 300 bytes for each, not with that of records. */
struct eg_energy *eg_energy_open(const struct eg_energy_options *o, struct eg_error *e);
void eg_energy_free(struct eg_energy *n);

/* For struct eg_filter_work, with n as ctx: prefetches the state of sensors; takes a record, in
 * the order of time for each sensor; writes slots when they are complete, and what is left at
 * the end. */
void eg_energy_ahead(void *n, const struct eg_record *r, size_t records);
int eg_energy_take(void *n, struct eg_filter *f, const struct eg_record *r, struct eg_error *e);
int eg_energy_end(void *n, struct eg_filter *f, struct eg_error *e);

#endif
