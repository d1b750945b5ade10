/* SPDX-License-Identifier: MIT */
/* The form of line protocol for each sensor. If the file of meters lists the sensor, its lines
 * have the tags role and unit. */
#ifndef EG_FORMS_H
#define EG_FORMS_H

#include <stddef.h>

#include "influx/lineprotocol_write.h"
#include "meters/meters.h"
#include "record/record.h"

/* One prepared form for each combination of kind and role in the file of meters. A line with
 * these tags then costs no more time than one without, and tags stay sorted. */
struct eg_forms {
	struct eg_lineprotocol plain;
	struct eg_meters *meters; /* NULL: all records have the plain form */
	struct eg_lineprotocol *of[EG_KINDS][EG_ROLES];
};

/* Fills *f for this measurement and n constant tags (see eg_lineprotocol_init). meters may be
 * NULL; the caller owns it and keeps it as long as f. -1 with EG_USAGE if a tag cannot be
 * written, or if a constant tag has the key role or unit while meters is given. */
int eg_forms_open(struct eg_forms *f, const char *measurement, const char *const *tags, size_t n,
    struct eg_meters *meters, struct eg_error *e);
void eg_forms_close(struct eg_forms *f);

/* The form of a record; never NULL. The tag role is omitted for the role none, and unit for a
 * kind without a unit; an amount since the value before has the name of its kind, inc-kWh. */
static inline const struct eg_lineprotocol *
eg_forms_of(const struct eg_forms *f, const struct eg_record *r)
{
	const struct eg_meter *m;

	if (f->meters == NULL)
		return &f->plain;
	m = eg_meters_find(f->meters, r->line, r->sensor_len);
	return m != NULL ? f->of[m->kind][m->role] : &f->plain;
}

#endif
