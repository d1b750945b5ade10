/* SPDX-License-Identifier: MIT */
/* From what devices send to records: one message in, the records in it out. */
#ifndef EG_DECODE_H
#define EG_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/framing.h"

struct eg_decode;
struct eg_error;

#define EG_DECODE_VALUES 32
#define EG_DECODE_MAX ((size_t)1 << 20) /* bytes in a message */
#define EG_DECODE_FORMATS \
	"shelly1, shelly2, tasmota, zigbee2mqtt, dsmr, iec62056-21, sml, dlms, tic, senml, " \
	"homewizard, fronius, opendtu, solaredge, enphase, wmbusmeters, home-assistant, influx, " \
	"influx-csv or json"

/* Strings stay the caller's and must outlive the decoder. Zeroed but for format it is
 * ready for use. */
struct eg_decode_config {
	const char *format;
	const char *sensor;      /* names the device, NULL: the message or its topic does */
	const char *prefix;      /* in front of each sensor, NULL: nothing */
	const char *zone;        /* of times without an offset, NULL: not given */
	bool now;                /* a message without its time has that of its arrival */
	const char *key, *auth_key; /* dlms: files that hold the meter's keys; NULL: it has none */
	const char *sensor_tag;  /* influx, influx-csv: the tag that names the sensor; NULL: sensor */
	const char *sensor_path; /* json alone, as the following; NULL: not given */
	const char *time_path;
	const char *time_unit;   /* json, influx: of a number: s, ms, us or ns; NULL: s, influx: ns */
	const char *value[EG_DECODE_VALUES]; /* [NAME=]PATH */
	size_t values;
};

/* A message as it came. */
struct eg_decode_message {
	const char *topic; /* MQTT's, with slashes; topic_len 0: it has none */
	size_t topic_len;
	const char *body;
	size_t len;
	int64_t arrived; /* nanoseconds since 1970 */
	bool again;      /* it may have been given out before: replays are not looked for */
	bool follows;    /* it continues the text before it: what that said still holds */
	const char *sensor; /* names the device, in place of the configuration's; NULL: it does not */
	const char *from; /* names a device that nothing else does, as its host's name */
	size_t from_len;  /* 0: not known */
};

/* What is in it. lines and reason are the decoder's, until the next call. */
struct eg_decoded {
	const char *lines;  /* records, each with its newline */
	size_t len;         /* bytes; 0 without a reason: it holds no reading */
	uint64_t records;
	uint64_t passed_over; /* values that are not understood */
	const char *unknown;     /* their names, when they are passed over for the first time, or NULL */
	const char *reason; /* NULL, or why the message is refused as a whole, in words */
};

/* NULL with EG_USAGE (format, paths, what the format needs), EG_CONFIG (no such time
 * zone, no file of keys) or EG_BUG. topics: whether messages will have one. */
struct eg_decode *eg_decode_new(const struct eg_decode_config *config, bool topics,
    struct eg_error *e);
void eg_decode_free(struct eg_decode *d);

/* How messages of the format follow each other in a stream. */
enum eg_framing_kind eg_decode_framing(const struct eg_decode *d);

/* All of a message or nothing. -1: out of memory. Neither blocks nor looks at the clock. */
int eg_decode_message(struct eg_decode *d, const struct eg_decode_message *m,
    struct eg_decoded *out, struct eg_error *e);

#endif
