/* SPDX-License-Identifier: MIT */
/* A database's answer to a write, and what it means for the records. */
#include "influx/write_reply.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/redact.h"

enum { JSON_DEPTH = 8 };

/* InfluxDB 3's error for lines beyond a limit of the server; the lines are valid. */
static const char over_limit[] = " would exceed ";

static const char empty_write[] = "incoming write was empty";

struct json_object *
eg_write_reply_json(const struct eg_write_reply *a)
{
	struct json_tokener *t;
	struct json_object *json;

	if (a->len == 0 || a->body[0] != '{' || a->cut)
		return NULL;
	t = json_tokener_new_ex(JSON_DEPTH);
	if (t == NULL)
		return NULL;
	json = json_tokener_parse_ex(t, a->body, (int)a->len);
	json_tokener_free(t);
	if (json != NULL && !json_object_is_type(json, json_type_object)) {
		json_object_put(json);
		json = NULL;
	}
	return json;
}

const char *
eg_write_reply_text(struct json_object *json, const char *name)
{
	struct json_object *member;

	if (!json_object_object_get_ex(json, name, &member) ||
	    !json_object_is_type(member, json_type_string))
		return NULL;
	return json_object_get_string(member);
}

static bool
web_page(const struct eg_write_reply *a)
{
	return strcasestr(a->type, "html") != NULL || (a->len > 0 && a->body[0] == '<');
}

/* InfluxDB 3's error for a line beyond a limit; if there is none, the error for the first line. */
static const char *
first_line_error(struct json_object *json)
{
	struct json_object *data = NULL;
	const char *first, *text;

	if (!json_object_object_get_ex(json, "data", &data))
		return NULL;
	if (json_object_is_type(data, json_type_object))
		return eg_write_reply_text(data, "error_message");
	if (!json_object_is_type(data, json_type_array) || json_object_array_length(data) == 0)
		return NULL;
	first = eg_write_reply_text(json_object_array_get_idx(data, 0), "error_message");
	for (size_t i = 0; i < json_object_array_length(data); i++) {
		text = eg_write_reply_text(json_object_array_get_idx(data, i), "error_message");
		if (text != NULL && strstr(text, over_limit) != NULL)
			return text;
	}
	return first;
}

char *
eg_write_reply_message(const struct eg_write_reply *a, struct json_object *json)
{
	const char *text = NULL, *of_line = NULL;
	char *both;

	if (json != NULL) {
		text = eg_write_reply_text(json, "message");
		if (text == NULL)
			text = eg_write_reply_text(json, "error");
		of_line = first_line_error(json);
	}
	if (text != NULL && of_line != NULL)
		both = asprintf(&both, "%s: %s", text, of_line) < 0 ? NULL : both;
	else if (text != NULL)
		both = strdup(text);
	else
		both = web_page(a) ? strdup("") : strndup(a->len > 0 ? a->body : "", a->len);
	if (both != NULL)
		eg_redact_text(both);
	return both;
}

/* Changes `unable to parse 'LINE': why` to `unable to parse: why`. */
static void
drop_quoted(char *text)
{
	char *first = strstr(text, "unable to parse '"), *last = strrchr(text, '\'');

	if (first == NULL)
		return;
	first += strlen("unable to parse");
	if (last > first + 1)
		memmove(first, last + 1, strlen(last + 1) + 1);
}

void
eg_write_reply_words(const char *message, char reason[EG_WRITE_REPLY_REASON])
{
	char *line = strndup(message, strcspn(message, "\r\n"));

	if (line != NULL) {
		drop_quoted(line);
		eg_redact_text(line);
	}
	snprintf(reason, EG_WRITE_REPLY_REASON, "%s", line != NULL ? line : "");
	free(line);
}

static bool
passing(long status)
{
	return status == 408 || status == 425 || status == 429 || status == 499 ||
	    (status >= 500 && status != 501 && status != 505);
}

static enum eg_verdict
stop_verdict(const struct eg_write_reply *a, enum eg_api api, const char *text, char *reason)
{
	const size_t size = EG_WRITE_REPLY_REASON;
	const char *colon = *text != '\0' ? ": " : "";
	int status = (int)a->status;

	if (status >= 200 && status < 300)
		snprintf(reason, size, "answers %d%s, not as InfluxDB does: is its path right?",
		    status, web_page(a) ? " and a web page" : "");
	else if (status >= 300 && status < 400)
		snprintf(reason, size, "redirects to '%s' (%d); redirects are not followed: "
		    "give the address itself", a->location, status);
	else if (status == 401)
		snprintf(reason, size, "does not accept the %s (401)%s%s",
		    api == EG_API_V1 ? "user and password" : "token", colon, text);
	else if (status == 403)
		snprintf(reason, size, "does not allow the write (403)%s%s", colon, text);
	else if (status == 404 && api == EG_API_V2 && strstr(text, "page not found") != NULL)
		snprintf(reason, size, "has no v2 API (404 page not found): try --api v1");
	else
		snprintf(reason, size, "answers %d%s%s", status, colon, text);
	return EG_VERDICT_STOP;
}

/* Judges an answer whose status is not 204; text is its message. */
static enum eg_verdict
judge_message(const struct eg_write_reply *a, enum eg_api api, const char *text,
    char reason[EG_WRITE_REPLY_REASON])
{
	char words[EG_WRITE_REPLY_REASON];

	eg_write_reply_words(text, words);
	/* VictoriaMetrics answers 400 where other servers answer 404. */
	if (a->victoria && strstr(text, "unsupported path") != NULL)
		return stop_verdict(a, api, "unsupported path", reason);
	if (!passing(a->status) && a->status != 400 && a->status != 413 && a->status != 422)
		return stop_verdict(a, api, words, reason);
	snprintf(reason, EG_WRITE_REPLY_REASON, "answers %d%s%.400s", (int)a->status,
	    *words != '\0' ? ": " : "", words);
	if (a->status == 413)
		return EG_VERDICT_SMALLER;
	if (!passing(a->status))
		return strstr(text, over_limit) != NULL ? EG_VERDICT_STOP : EG_VERDICT_REFUSED;
	/* InfluxDB 2.0 answers 500 where later versions answer 422. */
	if (a->status == 500 && strstr(text, "partial write: ") != NULL &&
	    strstr(text, " dropped=") != NULL)
		return EG_VERDICT_REFUSED;
	return EG_VERDICT_AGAIN;
}

enum eg_verdict
eg_write_reply_judge(const struct eg_write_reply *a, enum eg_api api,
    char reason[EG_WRITE_REPLY_REASON])
{
	struct json_object *json;
	enum eg_verdict verdict;
	char *text;

	reason[0] = '\0';
	if (a->status == 204 && a->unsent == 0)
		return EG_VERDICT_WRITTEN;
	if (a->status == 204) {
		snprintf(reason, EG_WRITE_REPLY_REASON, "answers 204 before it has the request "
		    "(%llu bytes were not sent): is its path right?", (unsigned long long)a->unsent);
		return EG_VERDICT_AGAIN;
	}
	if (a->status == 0) {
		snprintf(reason, EG_WRITE_REPLY_REASON, "%s: %s", a->hopeless ? "cannot be used" :
		    a->begun ? "gives no whole answer" : "does not answer", a->error);
		return a->hopeless ? EG_VERDICT_STOP : EG_VERDICT_AGAIN;
	}
	json = eg_write_reply_json(a);
	text = eg_write_reply_message(a, json);
	verdict = judge_message(a, api, text != NULL ? text : "", reason);
	free(text);
	json_object_put(json);
	return verdict;
}

enum eg_verdict
eg_write_reply_judge_empty(const struct eg_write_reply *a, enum eg_api api,
    char reason[EG_WRITE_REPLY_REASON])
{
	enum eg_verdict verdict = eg_write_reply_judge(a, api, reason);

	if (verdict == EG_VERDICT_REFUSED && strstr(reason, empty_write) != NULL) {
		reason[0] = '\0';
		return EG_VERDICT_WRITTEN;
	}
	/* An empty request cannot be too large. */
	if (verdict == EG_VERDICT_SMALLER)
		return EG_VERDICT_AGAIN;
	return verdict == EG_VERDICT_REFUSED ? EG_VERDICT_STOP : verdict;
}
