/* SPDX-License-Identifier: MIT */
/* The map of a Modbus device: which registers hold what. See eg-modbus(1). */
#ifndef EG_MODBUS_MAP_H
#define EG_MODBUS_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"

#define EG_MODBUS_LIMIT 125        /* registers in a request at most (Modbus V1.1b3, 6.3) */
#define EG_MODBUS_ENTRIES_MAX 1024 /* of a map */
#define EG_MODBUS_NAME_MAX 100     /* bytes of a name */
#define EG_MODBUS_DEVICE_MAX 154   /* bytes of a device's name: with a value's it is a sensor's */
#define EG_MODBUS_MODELS_MAX 4     /* models that a value may be in */
#define EG_MODBUS_SF_NONE (-1)     /* no register of a scale factor */

/* A table of registers is named by the function code that reads it. */
enum eg_modbus_table { EG_MODBUS_HOLDING = 3, EG_MODBUS_INPUT = 4 };

enum eg_modbus_type {
	EG_MODBUS_U16,
	EG_MODBUS_S16,
	EG_MODBUS_U32,
	EG_MODBUS_S32,
	EG_MODBUS_U64,
	EG_MODBUS_S64,
	EG_MODBUS_F32, /* IEEE 754 binary32 */
	EG_MODBUS_F64,
	EG_MODBUS_TYPES
};

/* Which raw value means that nothing was measured. */
enum eg_modbus_nan {
	EG_MODBUS_NAN_USUAL, /* unsigned: all ones; signed: the smallest value; floats: not finite */
	EG_MODBUS_NAN_NONE,  /* no integer value */
	EG_MODBUS_NAN_VALUE, /* as USUAL, and the raw value `nan` of the entry */
};

/* A line of the map. Texts live as long as the map. */
struct eg_modbus_entry {
	const char *name; /* of the sensor, behind the device's name */
	const char *unit; /* of the scaled value; "-": none */
	enum eg_modbus_table table;
	enum eg_modbus_type type;
	bool swap_words, swap_bytes; /* the low word, or the low byte of each word, comes first */
	enum eg_modbus_nan nan_rule;
	uint64_t nan;
	int address;         /* of the first register, 0 to 65535; with models: from the model's ID on */
	uint16_t model[EG_MODBUS_MODELS_MAX]; /* of SunSpec: the value is in the one that the device has */
	int models;          /* 0: it has an address of its own */
	int sf;              /* of a register with a power of ten, counted likewise; or SF_NONE */
	int factor, power;   /* the scale: factor * 10^power; factor is 1 to 1000 */
	bool negative;       /* the scale is below zero */
	unsigned line;       /* in the file */
};

/* All zero but for what eg_modbus_map_parse sets. */
struct eg_modbus_map {
	struct eg_config file;
	const char *name; /* of the device, in front of its sensors */
	int unit;         /* the unit identifier, 0 to 255 */
	int limit;        /* registers in a request at most, 1 to EG_MODBUS_LIMIT */
	int gap;          /* registers that a request may read without need, to save another */
	bool swap_words, swap_bytes; /* of the lines that follow */
	bool sunspec;     /* an entry has models */
	struct eg_modbus_entry *entry;
	size_t n, room;
};

/* Reads the file at path, which must stay valid. Blocks. -1 with EG_CONFIG, the path and the
 * line's number; then the map needs no eg_modbus_map_free. */
int eg_modbus_map_read(struct eg_modbus_map *m, const char *path, struct eg_error *e);

/* The same for len bytes of text; path is the name for messages. */
int eg_modbus_map_parse(struct eg_modbus_map *m, const char *path, const char *text, size_t len,
    struct eg_error *e);

void eg_modbus_map_free(struct eg_modbus_map *m);

/* Whether s can be the name of a device or of a sensor: 1 to EG_MODBUS_NAME_MAX letters, digits
 * and _./- */
bool eg_modbus_is_name(const char *s);

/* The registers that a value of this type takes: 1, 2 or 4. */
int eg_modbus_width(enum eg_modbus_type type);

#endif
