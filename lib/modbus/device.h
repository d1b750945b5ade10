/* SPDX-License-Identifier: MIT */
/* One unit behind a connection: its round of requests, and the records of their answers. */
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
	struct eg_modbus_plan plan; /* of here */
	bool placed;                /* here and plan are set */
	struct eg_modbus_walk walk; /* SunSpec: as long as placed is false */
	bool lacking;               /* SunSpec: it lacks models of the map, and the user was told */
	char name[EG_MODBUS_DEVICE_MAX + 1]; /* in front of its sensors */
	size_t next;   /* the block that is read next in this round */
	int64_t due;   /* of the next request, on eg_mono_ms's clock; INT64_MAX: none */
	bool *refused; /* for each block: the device refused it, and the user was told */
	bool *told;    /* for each value: it was out of range, and the user was told */
	struct eg_backoff_log trouble;
};

/* What is read of devices, and counts. All zero at first; the owner frees text. */
struct eg_modbus_records {
	char *text; /* whole lines */
	size_t len, room;
	uint64_t made, out_of_range;
};

enum eg_modbus_round {
	EG_MODBUS_MORE,  /* eg_modbus_device_request has the next request of the round */
	EG_MODBUS_DONE,  /* all blocks of the round are read or refused; the next is the first again */
	EG_MODBUS_AGAIN, /* trouble: trouble.retry.due says when to try the rest of the round */
	EG_MODBUS_ERROR, /* memory is out */
};

/* Sets the registers of the map's values by the device's models (none of them: for a map without
 * SunSpec). -1 with *e: EG_CONFIG as eg_modbus_plan_make, or memory is out. */
int eg_modbus_device_place(struct eg_modbus_device *d, const struct eg_modbus_models *models,
    struct eg_error *e);

/* Frees what the device owns; not its map. */
void eg_modbus_device_free(struct eg_modbus_device *d);

/* The next request of d's round: of its SunSpec models, as long as they are not known, then of a
 * block. False: it has none, as a SunSpec device without models of the map. */
bool eg_modbus_device_request(const struct eg_modbus_device *d, struct eg_modbus_request *q);

/* Takes the outcome of that request, which l holds, and appends its records to *out. Warns of
 * trouble once, and when it is over. after_ms: try again after that at the earliest. */
enum eg_modbus_round eg_modbus_device_take(struct eg_modbus_device *d,
    const struct eg_modbus_link *l, enum eg_modbus_outcome got, int64_t after_ms,
    struct eg_modbus_records *out, struct eg_error *e);

#endif
