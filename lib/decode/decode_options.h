/* SPDX-License-Identifier: MIT */
/* Command-line options of programs that decode messages of devices. */
#ifndef EG_DECODE_OPTIONS_H
#define EG_DECODE_OPTIONS_H

#include <stdbool.h>

#include "base/options.h"
#include "record/record.h"

struct eg_decode_config;

/* Rows for a program's option table; they fill the member m, a struct eg_decode_config, of its
 * settings s. */
#define EG_DECODE_OPTIONS(s, m) \
	{ 0, "counter-file", "FILE", "dlms: keep the meters' frame counters in FILE", \
		EG_NAME(s, m.counters, 1, INT64_MAX), .written = true }, \
	{ 0, "meter-auth-key", "FILE", "dlms: the authentication key is in FILE", \
		EG_NAME(s, m.auth_key, 1, INT64_MAX) }, \
	{ 0, "meter-key", "FILE", "dlms: the key is in FILE", EG_NAME(s, m.key, 1, INT64_MAX) }, \
	{ 0, "now", NULL, "a message without its time has that of its arrival", EG_FLAG(s, m.now) }, \
	{ 0, "prefix", "TEXT", "begin each sensor with TEXT", \
		EG_NAME(s, m.prefix, 0, EG_SENSOR_MAX) }, \
	{ 0, "sensor", "NAME", "the name of the device", EG_NAME(s, m.sensor, 1, EG_SENSOR_MAX) }, \
	{ 0, "sensor-path", "PATH", "json: where the sensor's name is", EG_TEXT(s, m.sensor_path) }, \
	{ 0, "sensor-tag", "NAME", "influx: the tag that names the sensor (sensor)", \
		EG_NAME(s, m.sensor_tag, 1, INT64_MAX) }, \
	{ 0, "time-path", "PATH", "json: where the time is", EG_TEXT(s, m.time_path) }, \
	{ 0, "time-unit", "UNIT", "json, influx: of a number, s, ms, us or ns", \
		EG_CALL_AT(s, m, eg_decode_options_unit) }, \
	{ 0, "tz", "ZONE", "the zone of local times, as Europe/Rome", EG_TEXT(s, m.zone) }, \
	{ 0, "value", "[NAME=]PATH", "json: where a value is; may be given several times", \
		EG_CALL_AT(s, m, eg_decode_options_value) }

/* Whether one of these options was given. */
bool eg_decode_options_given(const struct eg_decode_config *config);

/* For these rows: to is the struct eg_decode_config. */
void eg_decode_options_unit(void *to, char *text);
void eg_decode_options_value(void *to, char *path);

#endif
