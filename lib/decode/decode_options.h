/* SPDX-License-Identifier: MIT */
/* The options of programs that decode what devices send. */
#ifndef EG_DECODE_OPTIONS_H
#define EG_DECODE_OPTIONS_H

#include <stdbool.h>

struct eg_decode_config;

/* Rows for a program's option table, and their numbers. */
enum {
	EG_OPT_NOW = 2100,
	EG_OPT_PREFIX,
	EG_OPT_SENSOR,
	EG_OPT_SENSOR_PATH,
	EG_OPT_TIME_PATH,
	EG_OPT_TIME_UNIT,
	EG_OPT_TZ,
	EG_OPT_VALUE,
};
#define EG_DECODE_OPTIONS \
	{ EG_OPT_NOW, "now", NULL, "a message without its time has that of its arrival" }, \
	{ EG_OPT_PREFIX, "prefix", "TEXT", "begin each sensor with TEXT" }, \
	{ EG_OPT_SENSOR, "sensor", "NAME", "the name of the device" }, \
	{ EG_OPT_SENSOR_PATH, "sensor-path", "PATH", "json: where the sensor's name is" }, \
	{ EG_OPT_TIME_PATH, "time-path", "PATH", "json: where the time is" }, \
	{ EG_OPT_TIME_UNIT, "time-unit", "UNIT", "json: of a number, s, ms, us or ns (s)" }, \
	{ EG_OPT_TZ, "tz", "ZONE", "the zone of local times, as Europe/Rome" }, \
	{ EG_OPT_VALUE, "value", "[NAME=]PATH", "json: where a value is; may be given several times" }

/* Serves option c with its argument; false when it is not one of the rows above. Wrong
 * ones end the program with 64 through eg_usage. */
bool eg_decode_option(struct eg_decode_config *config, int c, const char *arg);

#endif
