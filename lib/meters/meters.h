/* SPDX-License-Identifier: MIT */
/* The file of meters: what each sensor measures, and which part it has in the house. See
 * energyguard-meters(5). */
#ifndef EG_METERS_H
#define EG_METERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;
struct eg_meters;

/* What the values of a sensor are. A register counts up; an increment is what was counted
 * since the value before; all others are values of an instant. */
enum eg_kind {
	EG_KIND_NONE, /* nothing is known, or it has no unit */
	EG_KIND_W,
	EG_KIND_KW,
	EG_KIND_WH,      /* a register, as all without "inc" */
	EG_KIND_KWH,
	EG_KIND_INC_WH,
	EG_KIND_INC_KWH,
	EG_KIND_PULSE,   /* a register of pulses; their number per kWh is in the meter */
	EG_KIND_M3,
	EG_KIND_INC_M3,
	EG_KIND_GJ,
	EG_KIND_VA,
	EG_KIND_VAR,
	EG_KIND_VARH,
	EG_KIND_KVARH,
	EG_KIND_V,
	EG_KIND_A,
	EG_KIND_HZ,
	EG_KIND_C,
	EG_KIND_PERCENT,
	EG_KINDS
};

enum eg_role {
	EG_ROLE_NONE,
	EG_ROLE_GRID_IMPORT,
	EG_ROLE_GRID_EXPORT,
	EG_ROLE_GRID,    /* signed: what is drawn is positive */
	EG_ROLE_PV,
	EG_ROLE_BATTERY_CHARGE,
	EG_ROLE_BATTERY_DISCHARGE,
	EG_ROLE_BATTERY, /* signed: what is charged is positive */
	EG_ROLE_DEVICE,
	EG_ROLE_HOUSE,   /* all consumption */
	EG_ROLES
};

/* A line of the file. Texts live as long as the file. */
struct eg_meter {
	const char *pattern; /* of fnmatch(3), with flags 0 */
	const char *name;    /* for people; empty: none */
	enum eg_kind kind;
	enum eg_role role;
	int64_t pulses; /* per kWh, 1 to 10^9; 0: not EG_KIND_PULSE */
	unsigned line;  /* in the file */
};

/* Reads the file at path; blocks. NULL with EG_CONFIG, the path and the line's number. */
struct eg_meters *eg_meters_read(const char *path, struct eg_error *e);

/* The same for a text of len bytes; path is the name for messages. */
struct eg_meters *eg_meters_parse(const char *path, const char *text, size_t len,
    struct eg_error *e);

void eg_meters_free(struct eg_meters *m);

/* The first line whose pattern matches the sensor (len bytes, at most EG_SENSOR_MAX), or
 * NULL. The answer for each sensor is kept, so that asking again costs one look into a hash
 * table; at most 131,072 sensors are kept at a time. Valid as long as m. */
const struct eg_meter *eg_meters_find(struct eg_meters *m, const char *sensor, size_t len);

/* The lines in their order; *n: how many. */
const struct eg_meter *eg_meters_list(const struct eg_meters *m, size_t *n);

/* Writes a comment with the names of the columns, and lines, to fd. Blocks. -1 with
 * EG_LOCAL_IO. */
int eg_meters_print(int fd, const char *lines, struct eg_error *e);

/* The word of a kind as the file has it, and the unit of its values: "inc-kWh" and "kWh".
 * The unit of EG_KIND_NONE is "". Static storage. */
const char *eg_kind_name(enum eg_kind k);
const char *eg_kind_unit(enum eg_kind k);

/* Reads a kind's word, as "kWh" or "pulse:1000"; *pulses as in struct eg_meter. False: it
 * is none. */
bool eg_kind_parse(const char *word, enum eg_kind *k, int64_t *pulses);

/* All words of kinds, for messages and help. Static storage. */
const char *eg_kind_words(void);

/* The word of a role. Static storage. */
const char *eg_role_name(enum eg_role r);

#endif
