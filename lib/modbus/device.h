/* SPDX-License-Identifier: MIT */
/* A unit at a connection: its round of requests, and the records from the answers. */
#ifndef EG_MODBUS_DEVICE_H
#define EG_MODBUS_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/backoff_log.h"
#include "modbus/link.h"
#include "modbus/plan.h"
#include "modbus/sunspec.h"

struct eg_error;

struct eg_modbus_device {
	int unit;
	const struct eg_modbus_map *map;
	struct eg_modbus_map here;  /* the values that the device has, with their registers */
	struct eg_modbus_plan plan; /* made from here */
	bool placed;                /* here and plan are set */
	struct eg_modbus_walk walk; /* SunSpec: in use until placed is true */
	bool lacking;               /* SunSpec: a warning was printed that models of the map are
				     * missing */
	char name[EG_MODBUS_DEVICE_MAX + 1]; /* the start of its sensors' names */
	size_t next;   /* the next block of this round */
	int64_t due;   /* time of the next request (eg_mono_ms); INT64_MAX: none */
	bool *refused; /* for each block: the device refused it, and a warning was printed */
	bool *told;    /* for each value: it was out of range, and a warning was printed */
	struct eg_backoff_log trouble;
};

/* Records that were read, and counters. Initialise with zeros; the owner frees text. */
struct eg_modbus_records {
	char *text; /* whole lines */
	size_t len, room;
	uint64_t made, out_of_range;
};

enum eg_modbus_round {
	EG_MODBUS_MORE,  /* eg_modbus_device_request has the next request of the round */
	EG_MODBUS_DONE,  /* all blocks of the round are read or refused; a new round starts with
			  * the first */
	EG_MODBUS_AGAIN, /* a failure: trouble.retry.due is the time for the rest of the round */
	EG_MODBUS_ERROR, /* memory is out */
};

/* Finds the registers of the map's values from the device's models (for a map without SunSpec there
 * are no models). -1 with *e: EG_CONFIG as eg_modbus_plan_make, or memory is out. */
int eg_modbus_device_place(struct eg_modbus_device *d, const struct eg_modbus_models *models,
    struct eg_error *e);

/* Frees the device's memory, but not its map. */
void eg_modbus_device_free(struct eg_modbus_device *d);

/* The next request of d's round: for its SunSpec models until they are known, then for a block.
 * False: there is none, since the device has no model of the map. */
bool eg_modbus_device_request(const struct eg_modbus_device *d, struct eg_modbus_request *q);

/* Processes the outcome of that request, which is in l, and appends its records to *out. Warns of a
 * failure once, and reports its end. after_ms: shortest time until the next try. */
enum eg_modbus_round eg_modbus_device_take(struct eg_modbus_device *d,
    const struct eg_modbus_link *l, enum eg_modbus_outcome got, int64_t after_ms,
    struct eg_modbus_records *out, struct eg_error *e);

#endif
