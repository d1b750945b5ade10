/* SPDX-License-Identifier: MIT */
/* The form of each record's line: with the tags role and unit where a file of meters knows
 * the sensor. */
#ifndef EG_FORMS_H
#define EG_FORMS_H

#include <stddef.h>

#include "influx/lineprotocol_write.h"
#include "meters/meters.h"
#include "record/record.h"

/* A form for each kind and role that the file has, so that a line costs no more than without
 * these tags, and tags stay sorted. */
struct eg_forms {
	struct eg_lineprotocol plain;
	struct eg_meters *meters; /* NULL: all records have the plain form */
	struct eg_lineprotocol *of[EG_KINDS][EG_ROLES];
};

/* Fills *f for this measurement and n constant tags, see eg_lineprotocol_init. meters, which
 * may be NULL, stays the caller's and must live as long as f. -1 with EG_USAGE when a tag
 * cannot be written, or has the key role or unit beside meters. */
int eg_forms_open(struct eg_forms *f, const char *measurement, const char *const *tags, size_t n,
    struct eg_meters *meters, struct eg_error *e);
void eg_forms_close(struct eg_forms *f);

/* The form of a record. The tag role is left out for the role none, unit for a kind without
 * unit. Never NULL. */
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
