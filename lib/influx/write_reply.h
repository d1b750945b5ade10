/* SPDX-License-Identifier: MIT */
/* A database's answer to a write, and what it means for the records. */
#ifndef EG_WRITE_REPLY_H
#define EG_WRITE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "influx/endpoint.h"

struct json_object;

#define EG_WRITE_REPLY_REASON 480

/* Bytes of a body that are kept: InfluxDB 3 names each refused line in about 200. */
#define EG_WRITE_REPLY_BODY_MAX (2 * 1024 * 1024)

struct eg_write_reply {
	long status;            /* HTTP status; 0: no complete answer, see error */
	char error[160];        /* why there is no complete answer */
	bool hopeless;          /* another try cannot help (a wrong certificate) */
	bool victoria;          /* VictoriaMetrics answered */
	int64_t retry_after_ms; /* pause that Retry-After asks for; 0: none */
	uint64_t unsent;        /* bytes of the request that were not sent when the answer arrived */
	char type[48];          /* Content-Type */
	char location[120];     /* of a redirect, without its query */
	char version[48];       /* X-Influxdb-Version, or empty */
	const char *body;       /* owned by who received it; no NUL at its end */
	size_t len;
	bool cut;               /* the body was longer than EG_WRITE_REPLY_BODY_MAX */
};

enum eg_verdict {
	EG_VERDICT_WRITTEN, /* all of it is safe */
	EG_VERDICT_AGAIN,   /* nothing was written, or it is unknown: send the same request again */
	EG_VERDICT_REFUSED, /* records in it are refused; others may be written */
	EG_VERDICT_SMALLER, /* the request is too large */
	EG_VERDICT_STOP,    /* address, token, bucket or permission is wrong */
};

/* Judges a. reason: in words, to stand behind the server's address; empty for WRITTEN.
 * A line that the server quotes is left out. Only 204 is WRITTEN; 400 and 422 are about
 * records, as is a 500 that speaks of a partial write. */
enum eg_verdict eg_write_reply_judge(const struct eg_write_reply *a, enum eg_api api,
    char reason[EG_WRITE_REPLY_REASON]);

/* Judges the answer to an empty request, which writes nothing: WRITTEN when the settings
 * are right (InfluxDB 3 answers 400 to it), else AGAIN or STOP with a reason. */
enum eg_verdict eg_write_reply_judge_empty(const struct eg_write_reply *a, enum eg_api api,
    char reason[EG_WRITE_REPLY_REASON]);

/* The body as a JSON object, which the caller frees by json_object_put; NULL: it is none. */
struct json_object *eg_write_reply_json(const struct eg_write_reply *a);

/* The server's message without our secrets, which the caller frees; "" if there is none or it is
 * a web page. NULL when memory is out. json is the body, or NULL. */
char *eg_write_reply_message(const struct eg_write_reply *a, struct json_object *json);

/* The member called name if it is a string, else NULL. It lives as long as json. */
const char *eg_write_reply_text(struct json_object *json, const char *name);

/* Copies a message to reason on one line, without a quoted line and without our secrets. */
void eg_write_reply_words(const char *message, char reason[EG_WRITE_REPLY_REASON]);

#endif
