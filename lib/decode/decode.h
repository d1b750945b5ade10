/* SPDX-License-Identifier: MIT */
/* Decodes messages of devices: one message in, its records out. */
#ifndef EG_DECODE_H
#define EG_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/framing.h"

struct eg_decode;
struct eg_error;
struct eg_json_index;

#define EG_DECODE_VALUES 32
#define EG_DECODE_MAX ((size_t)1 << 20) /* largest message in bytes */
#define EG_DECODE_FORMATS \
	"shelly1, shelly2, tasmota, zigbee2mqtt, dsmr, iec62056-21, sml, dlms, tic, senml, " \
	"homewizard, fronius, opendtu, solaredge, enphase, wmbusmeters, home-assistant, influx, " \
	"influx-csv or json"

/* Configuration of a decoder. The caller owns the strings and keeps them as long as the decoder.
 * All members except format may be zero. */
struct eg_decode_config {
	const char *format;
	const char *sensor;      /* name of the device; NULL: taken from the message or its topic */
	const char *prefix;      /* text before each sensor; NULL: none */
	const char *zone;        /* zone for times without an offset; NULL: not given */
	bool now;                /* a message without a time gets its time of arrival */
	const char *key, *auth_key; /* dlms: files with the meter's keys; NULL: none */
	const char *counters;    /* dlms: file for the frame counters; NULL: they are not kept */
	const char *sensor_tag;  /* influx, influx-csv: tag with the sensor's name; NULL:
				  * "sensor" */
	const char *sensor_path; /* json only, with the next members; NULL: not given */
	const char *time_path;
	const char *time_unit;   /* json, influx: unit of numeric times: s, ms, us or ns; NULL:
				  * s, for influx ns */
	const char *value[EG_DECODE_VALUES]; /* [NAME=]PATH */
	size_t values;
};

/* A message of a device. */
struct eg_decode_message {
	const char *topic; /* MQTT topic, with slashes; topic_len 0: none */
	size_t topic_len;
	const char *body;
	size_t len;
	int64_t arrived; /* time of arrival, in nanoseconds since 1970 */
	bool again;      /* may be a repeated delivery: do not check for replays */
	bool read;       /* eg_decode_reader has read the body: it is JSON */
	bool follows;    /* continues the text of the message before it, whose headers still hold */
	const char *sensor; /* name of the device, which replaces the configuration's; NULL: none */
	const char *from; /* name used if nothing else names the device, such as its host */
	size_t from_len;  /* 0: none */
};

/* The sender of an encrypted message, and its frame counter. All zero: none. */
struct eg_decode_counter {
	bool given;
	unsigned char title[8]; /* system title */
	uint32_t n;
};

/* The result for one message. The decoder owns lines and reason until its next call. */
struct eg_decoded {
	const char *lines;  /* the records, each with its newline */
	size_t len;         /* length of lines in bytes; 0 without a reason: the message has no
			     * readings */
	uint64_t records;
	uint64_t passed_over; /* number of values that were not understood */
	const char *unknown;     /* names of those that occur for the first time; NULL: none */
	const char *reason; /* reason for refusing the whole message; NULL: accepted */
	struct eg_decode_counter counter;
};

/* NULL with EG_USAGE (format, paths, or a missing setting), EG_CONFIG (unknown time zone,
 * unreadable file of keys, invalid file of counters), EG_LOCAL_IO (counters) or EG_BUG. topics:
 * whether messages will have a topic. */
struct eg_decode *eg_decode_new(const struct eg_decode_config *config, bool topics,
    struct eg_error *e);
void eg_decode_free(struct eg_decode *d);

/* The records of the message with this counter are safe: the file of counters may hold it. d may
 * be NULL if the counter is none. */
void eg_decode_settle(struct eg_decode *d, const struct eg_decode_counter *counter);

/* The meter's messages that are not settled may come again, and are then no replays; counter NULL:
 * those of all meters. d may be NULL. */
void eg_decode_unsettle(struct eg_decode *d, const struct eg_decode_counter *counter);

/* Stores the frame counters of settled messages, if config.counters is set and one has changed.
 * They are on disk when this returns 0. Call it before a message is acknowledged. Blocks for the
 * disk. -1 with EG_LOCAL_IO. */
int eg_decode_save(struct eg_decode *d, struct eg_error *e);

/* As eg_decode_save, where nothing is acknowledged: all records are written, so all messages are
 * settled. */
int eg_decode_written(struct eg_decode *d, struct eg_error *e);

/* How messages of the format are separated in a stream. */
enum eg_framing_kind eg_decode_framing(const struct eg_decode *d);

/* The decoder's reader of JSON, for eg_framing: a message that it has just read is `read`. */
struct eg_json_index *eg_decode_reader(struct eg_decode *d);

/* Decodes one message: either all of its readings are in *out, or it is refused as a whole. -1
 * if memory runs out. Does not block and does not read the clock. */
int eg_decode_message(struct eg_decode *d, const struct eg_decode_message *m,
    struct eg_decoded *out, struct eg_error *e);

#endif
