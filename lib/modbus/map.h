/* SPDX-License-Identifier: MIT */
/* The map of a Modbus device: what each register contains. See eg-modbus(1). */
#ifndef EG_MODBUS_MAP_H
#define EG_MODBUS_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"

#define EG_MODBUS_LIMIT 125        /* registers in a request, at most (Modbus V1.1b3, 6.3) */
#define EG_MODBUS_ENTRIES_MAX 1024 /* largest number of entries in a map */
#define EG_MODBUS_NAME_MAX 100     /* largest size of a name in bytes */
#define EG_MODBUS_DEVICE_MAX 154   /* bytes of a device's name; a value's name follows */
#define EG_MODBUS_MODELS_MAX 4     /* largest number of models for a value */
#define EG_MODBUS_SF_NONE (-1)     /* the entry has no scale factor register */

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

/* Raw values that mean "not measured". */
enum eg_modbus_nan {
	EG_MODBUS_NAN_USUAL, /* unsigned: all ones; signed: the smallest value; float: not finite */
	EG_MODBUS_NAN_NONE,  /* integers: none */
	EG_MODBUS_NAN_VALUE, /* as USUAL, and also the raw value `nan` of the entry */
};

/* A line of the map. Its texts are valid as long as the map. */
struct eg_modbus_entry {
	const char *name; /* end of the sensor's name, after the device's name */
	const char *unit; /* unit of the scaled value; "-": none */
	enum eg_modbus_table table;
	enum eg_modbus_type type;
	bool swap_words, swap_bytes; /* the low word, or the low byte of each word, comes first */
	enum eg_modbus_nan nan_rule;
	uint64_t nan;
	int address;         /* first register, 0 to 65535; with models: offset from the model's
			      * ID */
	uint16_t model[EG_MODBUS_MODELS_MAX]; /* SunSpec models that may contain the value */
	int models;          /* 0: address is absolute */
	int sf;              /* register of the scale factor, counted like address; or SF_NONE */
	int factor, power;   /* scale: factor * 10^power, with factor 1 to 1000 */
	bool negative;       /* the scale is negative */
	unsigned line;       /* line number in the file */
};

/* A map. All zero before eg_modbus_map_parse. */
struct eg_modbus_map {
	struct eg_config file;
	const char *name; /* name of the device, the start of its sensors' names */
	int unit;         /* the unit identifier, 0 to 255 */
	int limit;        /* largest number of registers in a request, 1 to EG_MODBUS_LIMIT */
	int gap;          /* largest number of unused registers that a request may read to save
			   * another request */
	bool swap_words, swap_bytes; /* byte order for the lines that follow */
	bool sunspec;     /* at least one entry has models */
	struct eg_modbus_entry *entry;
	size_t n, room;
};

/* Reads the file at path; the string must stay valid. Blocks. -1 with EG_CONFIG, the path and
 * the line's number; then there is nothing to free. */
int eg_modbus_map_read(struct eg_modbus_map *m, const char *path, struct eg_error *e);

/* The same for len bytes of text. path is the name for messages. */
int eg_modbus_map_parse(struct eg_modbus_map *m, const char *path, const char *text, size_t len,
    struct eg_error *e);

void eg_modbus_map_free(struct eg_modbus_map *m);

/* Whether s is a valid name of a device or sensor: 1 to EG_MODBUS_NAME_MAX letters, digits and
 * _./- */
bool eg_modbus_is_name(const char *s);

/* The number of registers of a value of this type: 1, 2 or 4. */
int eg_modbus_width(enum eg_modbus_type type);

#endif
