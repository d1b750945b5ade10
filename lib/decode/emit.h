/* SPDX-License-Identifier: MIT */
/* What the decoders of formats share: the sheet that a message's records are written to.
 * A function that returns -1 has noted why the message is refused. */
#ifndef EG_EMIT_H
#define EG_EMIT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "record/record.h"

#define EG_EMIT_NAMED 64 /* values that are not understood and are named, of a run */

struct eg_dlms_keys;
struct eg_influx_csv;
struct eg_jsonpath;
struct eg_repeats;
struct eg_zone;

/* A value that is looked for with --value. */
struct eg_wanted {
	char name[EG_SENSOR_MAX + 1]; /* empty: the sensor is the device itself */
	struct eg_jsonpath *path;
};

struct eg_emit {
	const struct eg_decode_config *cfg;
	const struct eg_zone *zone;  /* NULL: UTC */
	struct eg_repeats *repeats;
	struct eg_jsonpath *sensor, *time; /* NULL: not given */
	struct eg_wanted wanted[EG_DECODE_VALUES];
	struct eg_dlms_keys *keys; /* dlms alone */
	struct eg_influx_csv *csv; /* the table at hand; NULL: none yet */
	/* Of the message at hand: */
	const struct eg_decode_message *m;
	char device[EG_SENSOR_MAX + 1]; /* the sensors' name, made safe, up to the field */
	size_t device_len;
	char *lines;
	size_t len, room;
	uint64_t records;
	uint64_t passed_over; /* values that are not understood */
	char unknown[200];       /* names of those that were not named before */
	bool no_memory;
	char reason[200];
	uint64_t named[EG_EMIT_NAMED]; /* hashes of the names that were given out in unknown */
	size_t nameds;
};

/* A member of a JSON object and the field that its value goes to. */
struct eg_field {
	const char *member, *field;
};

/* Notes why the message is refused, in words; -1. */
int eg_emit_refuse(struct eg_emit *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The name that the user gave the device, of the message or of --sensor; NULL: none. */
const char *eg_emit_given(const struct eg_emit *s);

/* Names the device whose readings follow: as the user named it, else name. What a
 * sensor may not hold becomes %XX, and so does '%': two names stay two. Without a name (len 0)
 * it is where the message is from. -1 when there is none at all, or it is too long. */
int eg_emit_device(struct eg_emit *s, const char *name, size_t len);

/* Names the sensor whose reading follows, with a field that is empty: name is valid in a record,
 * and becomes it as it is, behind --prefix. -1: it is too long. */
int eg_emit_name(struct eg_emit *s, const char *name, size_t len);

/* Counts a value that is not understood; its name is given out once, in unknown. */
void eg_emit_pass_over(struct eg_emit *s, const char *name, size_t len);

/* Writes the record `device/group/field:ns:value`; group may be NULL, field empty. A time
 * before 2001, or more than two years after the arrival, is that of a clock that is not set:
 * the message is refused, or with --now it has the time of its arrival. */
int eg_emit_put(struct eg_emit *s, const char *group, const char *field, const char *value,
    size_t len, int64_t ns);

/* The same for a value with a unit (len 0: none is given), which is converted to `to`. One
 * whose unit is not known is passed over. */
int eg_emit_quantity(struct eg_emit *s, const char *group, const char *field, const char *value,
    size_t len, const char *unit, size_t unit_len, const char *to, int64_t ns);

/* The same as eg_emit_put with a JSON number, or a string that holds one. NULL (also JSON's) is no
 * reading: nothing is written. */
int eg_emit_value(struct eg_emit *s, const char *group, const char *field,
    struct json_object *value, int64_t ns);

/* The same for each of the n fields that the object has. */
int eg_emit_fields(struct eg_emit *s, const char *group, struct json_object *o,
    const struct eg_field *fields, size_t n, int64_t ns);

/* A JSON number's text, as it was sent. -1: not a number, or one that JSON's reader has
 * not kept; what is its name for the reason. */
int eg_emit_number(struct eg_emit *s, const char *what, struct json_object *value,
    const char **text, size_t *len);

/* A time: a number of units of 10^-digits seconds since 1970 as decimal text, cut to
 * whole nanoseconds. May be negative. */
int eg_emit_epoch(struct eg_emit *s, const char *text, size_t len, int digits, int64_t *ns);

/* A time: ISO 8601 date and time; where it has no offset, of the zone. */
int eg_emit_stamp(struct eg_emit *s, const char *text, size_t len, int64_t *ns);

/* A local time, in seconds, becomes an instant. One that the clocks show twice is the
 * pass that is nearer to the message's arrival where that is within half an hour, else
 * the device's messages tell by their order. */
int eg_emit_local(struct eg_emit *s, int64_t local, int64_t *seconds);

/* Of a message that has no time: its arrival with --now, else -1. */
int eg_emit_timeless(struct eg_emit *s, int64_t *ns);

/* The message as JSON, to be put; NULL when it is refused. */
struct json_object *eg_emit_json(struct eg_emit *s);

/* The device's part of a topic `head/DEVICE/tail`; head and tail may be empty, and one
 * that is not there is not cut off. */
int eg_emit_topic(struct eg_emit *s, const char *head, const char *tail);

/* The device is the topic, or where the message is from; without both it has this name. */
int eg_emit_topic_or(struct eg_emit *s, const char *name);

/* The formats. */
int eg_decode_shelly1(struct eg_emit *s);
int eg_decode_shelly2(struct eg_emit *s);
int eg_decode_tasmota(struct eg_emit *s);
int eg_decode_zigbee2mqtt(struct eg_emit *s);
int eg_decode_dsmr(struct eg_emit *s);
int eg_decode_iec62056(struct eg_emit *s);
int eg_decode_sml(struct eg_emit *s);
int eg_decode_tic(struct eg_emit *s);
int eg_decode_senml(struct eg_emit *s);
int eg_decode_dlms(struct eg_emit *s);
int eg_decode_homewizard(struct eg_emit *s);
int eg_decode_fronius(struct eg_emit *s);
int eg_decode_opendtu(struct eg_emit *s);
int eg_decode_solaredge(struct eg_emit *s);
int eg_decode_enphase(struct eg_emit *s);
int eg_decode_wmbusmeters(struct eg_emit *s);
int eg_decode_home_assistant(struct eg_emit *s);
int eg_decode_influx(struct eg_emit *s);
int eg_decode_influx_csv(struct eg_emit *s);
int eg_decode_json(struct eg_emit *s);

#endif
