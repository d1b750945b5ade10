/* SPDX-License-Identifier: MIT */
/* The devices to read, from the command line or from a file. */
#ifndef EG_MODBUS_LIST_H
#define EG_MODBUS_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "modbus/map.h"

struct eg_error;

#define EG_MODBUS_UNITS_MAX 255
#define EG_MODBUS_UNITS_WRONG "want numbers from 0 to 255, each once, separated by commas"

/* Unit identifiers. n 0: that of the map. */
struct eg_modbus_units {
	uint8_t id[EG_MODBUS_UNITS_MAX];
	size_t n;
};

/* A unit at an address. */
struct eg_modbus_listed {
	const struct eg_modbus_map *map;
	const char *target; /* HOST[:PORT], or the path of a serial line; owned by the caller or
			     * the file */
	int unit;
	char name[EG_MODBUS_DEVICE_MAX + 1]; /* the start of its sensors' names */
};

/* Initialise with zeros (empty). */
struct eg_modbus_list {
	struct eg_config file;
	struct eg_modbus_map **map; /* the maps, each file once */
	size_t maps, maps_room;
	struct eg_modbus_listed *device;
	size_t n, room;
};

/* Devices to add to a list. */
struct eg_modbus_add {
	const char *map;    /* path of the map */
	const char *target;
	const char *name;   /* name of the device; NULL: that of the map */
	bool with_host;     /* append the host to the name */
	const struct eg_modbus_units *units;
};

/* Parses `1,2,3`, which it changes. False: EG_MODBUS_UNITS_WRONG. */
bool eg_modbus_units_parse(char *s, struct eg_modbus_units *units);

/* Reads the map, and adds a device for each unit. With several units, the unit is appended to the
 * name. Texts must stay valid. -1 with *e: EG_CONFIG for the map, otherwise EG_USAGE. */
int eg_modbus_list_add(struct eg_modbus_list *l, const struct eg_modbus_add *add,
    struct eg_error *e);

/* Adds the devices of a file at path, which must stay valid: lines `MAP TARGET [UNIT,...|-]
 * [NAME]`. -1 with EG_CONFIG. */
int eg_modbus_list_read(struct eg_modbus_list *l, const char *path, struct eg_error *e);

void eg_modbus_list_free(struct eg_modbus_list *l);

#endif
