/* SPDX-License-Identifier: MIT */
/* Decodes one message of a device to records. */
#include "decode/decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "decode/counter_file.h"
#include "decode/dlms_cipher.h"
#include "decode/emit.h"
#include "decode/jsonpath.h"
#include "decode/local_time.h"

struct format {
	const char *name;
	int (*decode)(struct eg_emit *s);
	const char *zone;  /* default zone; NULL: UTC */
	enum eg_framing_kind framing;
	bool needs_zone;   /* its times have no offset, and it has no default zone */
	bool needs_device; /* the body does not name the device */
};

static const struct format formats[] = {
	{ "shelly1", eg_decode_shelly1, NULL, EG_FRAMING_JSON, false, true },
	{ "shelly2", eg_decode_shelly2, NULL, EG_FRAMING_JSON, false, false },
	{ "tasmota", eg_decode_tasmota, NULL, EG_FRAMING_JSON, true, true },
	{ "zigbee2mqtt", eg_decode_zigbee2mqtt, NULL, EG_FRAMING_JSON, false, true },
	{ "dsmr", eg_decode_dsmr, "Europe/Amsterdam", EG_FRAMING_TELEGRAM, false, false },
	{ "iec62056-21", eg_decode_iec62056, NULL, EG_FRAMING_TELEGRAM, false, false },
	{ "sml", eg_decode_sml, NULL, EG_FRAMING_SML, false, false },
	{ "dlms", eg_decode_dlms, "Europe/Vienna", EG_FRAMING_DLMS, false, false },
	{ "tic", eg_decode_tic, "Europe/Paris", EG_FRAMING_TIC, false, false },
	{ "senml", eg_decode_senml, NULL, EG_FRAMING_JSON, false, false },
	{ "homewizard", eg_decode_homewizard, "Europe/Amsterdam", EG_FRAMING_JSON, false, false },
	{ "fronius", eg_decode_fronius, NULL, EG_FRAMING_JSON, false, false },
	{ "opendtu", eg_decode_opendtu, NULL, EG_FRAMING_JSON, false, false },
	{ "solaredge", eg_decode_solaredge, NULL, EG_FRAMING_JSON, true, false },
	{ "enphase", eg_decode_enphase, NULL, EG_FRAMING_JSON, false, false },
	{ "wmbusmeters", eg_decode_wmbusmeters, NULL, EG_FRAMING_JSON, false, false },
	{ "home-assistant", eg_decode_home_assistant, NULL, EG_FRAMING_JSON, false, false },
	{ "influx", eg_decode_influx, NULL, EG_FRAMING_LINES, false, false },
	{ "influx-csv", eg_decode_influx_csv, NULL, EG_FRAMING_ROWS, false, false },
	{ "json", eg_decode_json, NULL, EG_FRAMING_JSON, false, false },
};

struct eg_decode {
	struct eg_decode_config cfg;
	const struct format *format;
	struct eg_zone *zone;
	struct eg_emit sheet;
};

static const struct format *
find_format(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

static int
check_json(const struct eg_decode_config *c, bool topics, struct eg_error *e)
{
	if (c->values == 0)
		return eg_fail(e, EG_USAGE, "json needs --value");
	if (c->time_path == NULL && !c->now)
		return eg_fail(e, EG_USAGE, "json needs --time-path, or --now");
	if (c->time_unit != NULL && c->time_path == NULL)
		return eg_fail(e, EG_USAGE, "--time-unit needs --time-path");
	if (c->sensor == NULL && c->sensor_path == NULL && !topics)
		return eg_fail(e, EG_USAGE, "json needs --sensor, --sensor-path or a topic");
	if (c->sensor != NULL && c->sensor_path != NULL)
		return eg_fail(e, EG_USAGE, "--sensor and --sensor-path exclude each other");
	return 0;
}

static int
check_config(const struct eg_decode_config *c, const struct format *f, bool topics,
    struct eg_error *e)
{
	char q[EG_QUOTE_MAX];

	if (f == NULL)
		return eg_fail(e, EG_USAGE, "unknown format %s: there are " EG_DECODE_FORMATS,
		    eg_quote(c->format, strlen(c->format), q));
	if (f->decode == eg_decode_json)
		return check_json(c, topics, e);
	if (c->values > 0 || c->sensor_path != NULL || c->time_path != NULL ||
	    (c->time_unit != NULL && f->decode != eg_decode_influx))
		return eg_fail(e, EG_USAGE,
		    "--value, --sensor-path and --time-path are for json alone, --time-unit also for influx");
	if (f->decode == eg_decode_influx || f->decode == eg_decode_influx_csv) {
		if (c->sensor != NULL)
			return eg_fail(e, EG_USAGE, "--sensor: with %s the points name their sensors",
			    f->name);
	} else if (c->sensor_tag != NULL) {
		return eg_fail(e, EG_USAGE, "--sensor-tag is for influx and influx-csv alone");
	}
	if ((c->key != NULL || c->auth_key != NULL || c->counters != NULL) &&
	    f->decode != eg_decode_dlms)
		return eg_fail(e, EG_USAGE,
		    "--meter-key, --meter-auth-key and --counter-file are for dlms alone");
	if (c->counters != NULL && c->key == NULL)
		return eg_fail(e, EG_USAGE, "--counter-file needs --meter-key");
	if (c->auth_key != NULL && c->key == NULL)
		return eg_fail(e, EG_USAGE, "--meter-auth-key needs --meter-key");
	if (f->needs_device && c->sensor == NULL && !topics)
		return eg_fail(e, EG_USAGE, "%s needs --sensor or a topic to name the device",
		    f->name);
	if (f->needs_zone && c->zone == NULL)
		return eg_fail(e, EG_USAGE, "%s sends local times: --tz is needed, as Europe/Rome",
		    f->name);
	return 0;
}

static struct eg_jsonpath *
open_path(const char *option, const char *text, struct eg_error *e)
{
	struct eg_jsonpath *p = eg_jsonpath_new(text);
	char q[EG_QUOTE_MAX];

	if (p == NULL)
		eg_fail(e, EG_USAGE, "--%s: %s: not a path, as .a.b[0] or .\"a b\"", option,
		    eg_quote(text, strlen(text), q));
	return p;
}

/* Parses [NAME=]PATH. A path begins with a point. A name holds no slash, so the text after the
 * last slash of a sensor is always the field. */
static int
open_value(struct eg_wanted *w, const char *text, struct eg_error *e)
{
	const char *path = strstr(text, "=.");
	size_t n = path != NULL && *text != '.' ? (size_t)(path - text) : 0;
	char q[EG_QUOTE_MAX];

	if (n > EG_SENSOR_MAX / 2 || memchr(text, ':', n) != NULL || memchr(text, '/', n) != NULL ||
	    memchr(text, '%', n) != NULL || !eg_utf8_is_text(text, n))
		return eg_fail(e, EG_USAGE, "--value: %s: not a name in UTF-8 without colon, '/' and '%%'",
		    eg_quote(text, n, q));
	memcpy(w->name, text, n);
	w->name[n] = '\0';
	w->path = open_path("value", text + n + (n > 0), e);
	return w->path != NULL ? 0 : -1;
}

static int
open_paths(struct eg_emit *s, const struct eg_decode_config *c, struct eg_error *e)
{
	if (c->sensor_path != NULL &&
	    (s->sensor = open_path("sensor-path", c->sensor_path, e)) == NULL)
		return -1;
	if (c->time_path != NULL && (s->time = open_path("time-path", c->time_path, e)) == NULL)
		return -1;
	for (size_t i = 0; i < c->values; i++) {
		if (open_value(&s->wanted[i], c->value[i], e) != 0)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(s->wanted[k].name, s->wanted[i].name) == 0)
				return eg_fail(e, EG_USAGE, "--value: two need different names");
	}
	return 0;
}

static int
open_keys(struct eg_decode *d, const struct eg_decode_config *c, struct eg_error *e)
{
	struct eg_dlms_keys *k;

	if (d->format->decode != eg_decode_dlms)
		return 0;
	k = d->sheet.keys = calloc(1, sizeof(*k));
	if (k == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	k->given = c->key != NULL;
	k->authenticates = c->auth_key != NULL;
	if (k->given && eg_dlms_key_read("--meter-key", c->key, k->key, e) != 0)
		return -1;
	if (k->authenticates && eg_dlms_key_read("--meter-auth-key", c->auth_key, k->auth, e) != 0)
		return -1;
	return c->counters != NULL ? eg_counter_file_open(&k->counters, c->counters, e) : 0;
}

struct eg_decode *
eg_decode_new(const struct eg_decode_config *config, bool topics, struct eg_error *e)
{
	const struct format *f = find_format(config->format);
	const char *zone = config->zone;
	struct eg_decode *d;

	if (check_config(config, f, topics, e) != 0)
		return NULL;
	d = calloc(1, sizeof(*d));
	if (d == NULL || (d->sheet.repeats = eg_repeats_new()) == NULL) {
		free(d);
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	d->cfg = *config;
	d->format = f;
	d->sheet.cfg = &d->cfg;
	if (zone == NULL)
		zone = f->zone;
	if ((zone != NULL && (d->zone = eg_zone_open(zone, e)) == NULL) ||
	    open_paths(&d->sheet, config, e) != 0 || open_keys(d, config, e) != 0) {
		eg_decode_free(d);
		return NULL;
	}
	d->sheet.zone = d->zone;
	return d;
}

void
eg_decode_free(struct eg_decode *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < EG_DECODE_VALUES; i++)
		eg_jsonpath_free(d->sheet.wanted[i].path);
	eg_jsonpath_free(d->sheet.sensor);
	eg_jsonpath_free(d->sheet.time);
	eg_repeats_free(d->sheet.repeats);
	eg_zone_free(d->zone);
	free(d->sheet.lines);
	free(d->sheet.csv);
	eg_json_index_free(&d->sheet.json);
	if (d->sheet.keys != NULL)
		explicit_bzero(d->sheet.keys, sizeof(*d->sheet.keys));
	free(d->sheet.keys);
	free(d);
}

void
eg_decode_settle(struct eg_decode *d, const struct eg_decode_counter *counter)
{
	if (counter->given)
		eg_dlms_settle(&d->sheet.keys->counters, counter);
}

void
eg_decode_unsettle(struct eg_decode *d, const struct eg_decode_counter *counter)
{
	if (d != NULL && d->sheet.keys != NULL)
		eg_dlms_unsettle(&d->sheet.keys->counters, counter);
}

int
eg_decode_save(struct eg_decode *d, struct eg_error *e)
{
	return d->cfg.counters != NULL ?
	    eg_counter_file_save(&d->sheet.keys->counters, d->cfg.counters, e) : 0;
}

int
eg_decode_written(struct eg_decode *d, struct eg_error *e)
{
	if (d->sheet.keys != NULL)
		eg_dlms_settle_all(&d->sheet.keys->counters);
	return eg_decode_save(d, e);
}

struct eg_json_index *
eg_decode_reader(struct eg_decode *d)
{
	return &d->sheet.json;
}

enum eg_framing_kind
eg_decode_framing(const struct eg_decode *d)
{
	return d->format->framing;
}

int
eg_decode_message(struct eg_decode *d, const struct eg_decode_message *m, struct eg_decoded *out,
    struct eg_error *e)
{
	struct eg_emit *s = &d->sheet;
	int rc;

	s->m = m;
	s->len = s->device_len = 0;
	s->records = 0;
	s->passed_over = 0;
	s->counter.given = false;
	*s->reason = *s->unknown = '\0';
	/* An empty MQTT message deletes a retained one; mosquitto_sub -v prints it in this form. */
	if (m->topic_len > 0 &&
	    (m->len == 0 || (m->len == 6 && memcmp(m->body, "(null)", 6) == 0))) {
		*out = (struct eg_decoded){ .len = 0 };
		return 0;
	}
	rc = m->len <= EG_DECODE_MAX ? d->format->decode(s)
	                             : eg_emit_refuse(s, "the message is longer than 1 MiB");
	if (s->no_memory)
		return eg_fail(e, EG_BUG, "out of memory");
	*out = (struct eg_decoded){ .reason = s->reason };
	if (rc == 0)
		*out = (struct eg_decoded){ s->lines, s->len, s->records, s->passed_over,
			*s->unknown != '\0' ? s->unknown : NULL, NULL, s->counter };
	return 0;
}
