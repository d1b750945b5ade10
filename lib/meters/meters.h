/* SPDX-License-Identifier: MIT */
/* The file of meters: the quantity that each sensor measures, and its role in the house. See
 * energyguard-meters(5). */
#ifndef EG_METERS_H
#define EG_METERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_error;
struct eg_meters;

/* The meaning of a sensor's values. A register counts up; an increment is the amount since the
 * previous value; all others are values at an instant. */
enum eg_kind {
	EG_KIND_NONE, /* unknown, or without a unit */
	EG_KIND_W,
	EG_KIND_KW,
	EG_KIND_WH,      /* a register, like all kinds of energy without "inc" */
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
	EG_ROLE_GRID,    /* signed: consumption from the grid is positive */
	EG_ROLE_PV,
	EG_ROLE_BATTERY_CHARGE,
	EG_ROLE_BATTERY_DISCHARGE,
	EG_ROLE_BATTERY, /* signed: charging is positive */
	EG_ROLE_DEVICE,
	EG_ROLE_HOUSE,   /* total consumption */
	EG_ROLES
};

/* A line of the file. Its texts live as long as the struct eg_meters. */
struct eg_meter {
	const char *pattern; /* of fnmatch(3), with flags 0 */
	const char *name;    /* display name; empty: none */
	enum eg_kind kind;
	enum eg_role role;
	int64_t pulses; /* per kWh, 1 to 10^9; 0 for other kinds than EG_KIND_PULSE */
	unsigned line;  /* line number in the file */
};

/* Reads the file at path; blocks. NULL with EG_CONFIG, the path and the line's number. */
struct eg_meters *eg_meters_read(const char *path, struct eg_error *e);

/* The same for a text of len bytes; path is the name for messages. */
struct eg_meters *eg_meters_parse(const char *path, const char *text, size_t len,
    struct eg_error *e);

void eg_meters_free(struct eg_meters *m);

/* The first line whose pattern matches the sensor (len bytes, at most EG_SENSOR_MAX), or NULL.
 * Results are cached for up to 131,072 sensors, so a second search costs one look-up in a hash
 * table. Valid as long as m. */
const struct eg_meter *eg_meters_find(struct eg_meters *m, const char *sensor, size_t len);

/* All lines, in the order of the file; *n: their number. */
const struct eg_meter *eg_meters_list(const struct eg_meters *m, size_t *n);

/* Writes a comment with the names of the columns, and lines, to fd. Blocks. -1 with
 * EG_LOCAL_IO. */
int eg_meters_print(int fd, const char *lines, struct eg_error *e);

/* The word of a kind in the file, and the unit of its values: "inc-kWh" and "kWh". The unit of
 * EG_KIND_NONE is "". Static storage. */
const char *eg_kind_name(enum eg_kind k);
const char *eg_kind_unit(enum eg_kind k);

/* Parses a kind such as "kWh" or "pulse:1000"; *pulses as in struct eg_meter. False: it is not a
 * kind. */
bool eg_kind_parse(const char *word, enum eg_kind *k, int64_t *pulses);

/* All words of kinds, for messages and help. Static storage. */
const char *eg_kind_words(void);

/* The word of a role. Static storage. */
const char *eg_role_name(enum eg_role r);

#endif
