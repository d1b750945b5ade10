/* SPDX-License-Identifier: MIT */
/* Shared by the decoders: names sensors and collects the records of a message. If a function
 * returns -1, it has stored the reason for refusing the message. */
#ifndef EG_EMIT_H
#define EG_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "record/json_index.h"
#include "record/record.h"

#define EG_EMIT_NAMED 64 /* largest number of values not understood that are named in one run */

struct eg_dlms_keys;
struct eg_influx_csv;
struct eg_jsonpath;
struct eg_repeats;
struct eg_zone;

/* A value requested with --value. */
struct eg_wanted {
	char name[EG_SENSOR_MAX + 1]; /* empty: the sensor's name is the device's name */
	struct eg_jsonpath *path;
};

struct eg_emit {
	const struct eg_decode_config *cfg;
	const struct eg_zone *zone;  /* default zone of times; NULL: UTC */
	struct eg_repeats *repeats;
	struct eg_jsonpath *sensor, *time; /* paths of the options; NULL: not given */
	struct eg_wanted wanted[EG_DECODE_VALUES];
	struct eg_dlms_keys *keys; /* dlms only */
	struct eg_json_index json;  /* the current message, if it is JSON */
	struct eg_influx_csv *csv; /* the current table; NULL: none yet */
	struct eg_time_day time_day; /* the last time that was written, and its text */
	int64_t time_ns;
	char time_text[EG_TIME_SIZE];
	size_t time_len; /* 0: none yet */
	struct eg_record_day day;
	/* State of the current message: */
	const struct eg_decode_message *m;
	char device[EG_SENSOR_MAX + 1]; /* name of the sensors, in valid characters, without the
					 * field */
	size_t device_len;
	char *lines;
	size_t len, room;
	uint64_t records;
	uint64_t passed_over; /* number of values not understood */
	char unknown[200];       /* their names, as far as they are new in this run */
	struct eg_decode_counter counter;
	bool no_memory;
	char reason[200];
	uint64_t named[EG_EMIT_NAMED]; /* hashes of all names reported in unknown so far */
	size_t nameds;
};

/* A member of a JSON object, and the field for its value. */
struct eg_field {
	const char *member, *field;
};

/* Stores the reason for refusing the message. Returns -1. */
int eg_emit_refuse(struct eg_emit *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The device's name from the user (with the message or by --sensor); NULL: none. */
const char *eg_emit_given(const struct eg_emit *s);

/* Sets the device of the readings that follow: the user's name for it, else name, else (len 0)
 * where the message comes from. Characters that are invalid in a sensor, and '%', become %XX, so
 * different names stay different. -1 if there is no name at all, or it is too long. */
int eg_emit_device(struct eg_emit *s, const char *name, size_t len);

/* Sets the name of the sensor whose reading follows; that reading has an empty field. name must
 * be valid in a record, and is used unchanged after --prefix. -1 if it is too long. */
int eg_emit_name(struct eg_emit *s, const char *name, size_t len);

/* Counts a value that is not understood. Its name is reported once, in unknown. */
void eg_emit_pass_over(struct eg_emit *s, const char *name, size_t len);

/* Writes the record `device/group/field:ns:value`; group may be NULL, and field empty. A time
 * before 2001, or more than two years after the arrival, means that the device's clock is not
 * set. Then the message is refused or, with --now, gets its time of arrival. */
int eg_emit_put(struct eg_emit *s, const char *group, const char *field, const char *value,
    size_t len, int64_t ns);

/* As eg_emit_put, for a value with a unit (unit_len 0: none), which is converted to `to`. A
 * value with an unknown unit is passed over, and so is one without a unit, unless `to` is empty. */
int eg_emit_quantity(struct eg_emit *s, const char *group, const char *field, const char *value,
    size_t len, const char *unit, size_t unit_len, const char *to, int64_t ns);

/* As eg_emit_put, for a JSON number or a string that contains one. NULL, or JSON null, is not a
 * reading, and nothing is written. */
int eg_emit_value(struct eg_emit *s, const char *group, const char *field,
    const struct eg_json *value, int64_t ns);

/* Calls eg_emit_value for each of the n fields that the object has. */
int eg_emit_fields(struct eg_emit *s, const char *group, const struct eg_json *o,
    const struct eg_field *fields, size_t n, int64_t ns);

/* The text of a JSON number as it was sent. -1 if the value is not a number, or the JSON parser
 * did not keep its text. what: its name for the reason. */
int eg_emit_number(struct eg_emit *s, const char *what, const struct eg_json *value,
    const char **text, size_t *len);

/* Parses a time: a decimal number of units of 10^-digits seconds since 1970, truncated to
 * nanoseconds. It may be negative. */
int eg_emit_epoch(struct eg_emit *s, const char *text, size_t len, int digits, int64_t *ns);

/* Parses a time: ISO 8601 date and time. If it has no offset, it is in the default zone. */
int eg_emit_stamp(struct eg_emit *s, const char *text, size_t len, int64_t *ns);

/* Converts a local time to an instant, both in seconds. At the end of summer time, an hour
 * occurs twice. If one of the two instants is within half an hour of the message's arrival, it
 * is chosen; otherwise the order of the device's messages decides. */
int eg_emit_local(struct eg_emit *s, int64_t local, int64_t *seconds);

/* The time of a message without one: its arrival with --now, else -1. */
int eg_emit_timeless(struct eg_emit *s, int64_t *ns);

/* Sets the device from a topic `head/DEVICE/tail`. head and tail may be empty; if they do not
 * match, nothing is cut off. */
int eg_emit_topic(struct eg_emit *s, const char *head, const char *tail);

/* Whether the topic ends with tail. */
bool eg_emit_topic_ends(const struct eg_emit *s, const char *tail);

/* Sets the device to the topic, else to where the message comes from, else to this name. */
int eg_emit_topic_or(struct eg_emit *s, const char *name);

/* The decoder of each format. */
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
