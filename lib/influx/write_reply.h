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

/* Limit of a stored body in bytes. InfluxDB 3 needs about 200 bytes for each refused line. */
#define EG_WRITE_REPLY_BODY_MAX (2 * 1024 * 1024)

/* Limit of the bytes behind it, which are read and dropped. With more the answer is incomplete. */
#define EG_WRITE_REPLY_DROPPED_MAX (14 * 1024 * 1024)

struct eg_write_reply {
	long status;            /* HTTP status; 0: no complete answer, see error */
	char error[160];        /* reason why there is no complete answer */
	bool hopeless;          /* another attempt fails in the same way, such as with a wrong
				 * certificate */
	bool begun;             /* with status 0: the answer began, but did not end as it should */
	bool victoria;          /* VictoriaMetrics sent the answer */
	int64_t retry_after_ms; /* pause from Retry-After, in ms; 0: none */
	uint64_t unsent;        /* bytes of the request not yet sent when the answer arrived */
	char type[48];          /* Content-Type */
	char location[120];     /* Location of a redirect, see eg_redact_url */
	char version[48];       /* X-Influxdb-Version; may be empty */
	const char *body;       /* owned by the receiver of the answer; without a NUL */
	size_t len;
	bool cut;               /* the body was longer than EG_WRITE_REPLY_BODY_MAX */
};

enum eg_verdict {
	EG_VERDICT_WRITTEN, /* all records of the request are safe */
	EG_VERDICT_AGAIN,   /* nothing was written, or that is unknown: send the same request
			     * again */
	EG_VERDICT_REFUSED, /* some records are refused; others may be written */
	EG_VERDICT_SMALLER, /* the request is too large: send a smaller one */
	EG_VERDICT_STOP,    /* address, token, bucket or permission is wrong: stop */
};

/* Returns what answer a means. reason: text to follow the server's address in a message; empty
 * for WRITTEN. A line quoted by the server is omitted. Only status 204 is WRITTEN. 400 and 422
 * concern records, and so does a 500 that mentions a partial write. */
enum eg_verdict eg_write_reply_judge(const struct eg_write_reply *a, enum eg_api api,
    char reason[EG_WRITE_REPLY_REASON]);

/* Returns what the answer to an empty request means; such a request writes nothing. WRITTEN if
 * the settings are right (InfluxDB 3 then answers 400), else AGAIN or STOP with a reason. */
enum eg_verdict eg_write_reply_judge_empty(const struct eg_write_reply *a, enum eg_api api,
    char reason[EG_WRITE_REPLY_REASON]);

/* The body as a JSON object, which the caller frees with json_object_put; NULL if it is not one. */
struct json_object *eg_write_reply_json(const struct eg_write_reply *a);

/* The server's message without our secrets; the caller frees it. "" if there is none or it is a
 * web page. NULL if memory runs out. json is the parsed body, or NULL. */
char *eg_write_reply_message(const struct eg_write_reply *a, struct json_object *json);

/* The member called name if it is a string, else NULL. Valid as long as json. */
const char *eg_write_reply_text(struct json_object *json, const char *name);

/* Copies message to reason as one line, without a quoted line and without our secrets. */
void eg_write_reply_words(const char *message, char reason[EG_WRITE_REPLY_REASON]);

#endif
