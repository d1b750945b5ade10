/* SPDX-License-Identifier: MIT */
/* What a database answered to a write, and what that means for the records. */
#include "influx/write_reply.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The text of a JSON string that begins behind its quote, as far as out holds it. */
static void
unquote(const char *s, const char *end, char *out, size_t size)
{
	size_t n = 0;

	for (; s < end && *s != '"' && n + 1 < size; s++) {
		char c = *s;

		if (c == '\\' && s + 1 < end) {
			c = *++s;
			if (c == 'n' || c == 't' || c == 'r')
				c = ' ';
			else if (c == 'u') {
				c = '?';
				s += end - s > 4 ? 4 : 0;
			}
		}
		out[n++] = c;
	}
	out[n] = '\0';
}

/* The member of that name of a JSON object; false when it is not there. The two
 * servers' answers are flat and small: a search does for them. */
static bool
member(const struct eg_write_reply *a, const char *name, char *out, size_t size)
{
	const char *end = a->body + a->len;
	const char *at = memmem(a->body, a->len, name, strlen(name));

	if (at == NULL)
		return false;
	for (at += strlen(name); at < end && (*at == ' ' || *at == ':'); at++)
		;
	if (at == end || *at != '"')
		return false;
	unquote(at + 1, end, out, size);
	return true;
}

/* `unable to parse 'LINE': why` becomes `unable to parse: why`. */
static void
drop_quoted(char *text)
{
	char *first = strchr(text, '\''), *last = strrchr(text, '\'');

	if (first == NULL || last == first)
		return;
	if (first > text && first[-1] == ' ')
		first--;
	memmove(first, last + 1, strlen(last + 1) + 1);
}

static bool
web_page(const struct eg_write_reply *a)
{
	return strcasestr(a->type, "html") != NULL || (a->len > 0 && a->body[0] == '<');
}

/* The server's own words, or nothing. */
static void
message(const struct eg_write_reply *a, char *out, size_t size)
{
	size_t n;

	out[0] = '\0';
	if (a->len == 0 || web_page(a))
		return;
	if (a->body[0] != '{' ||
	    (!member(a, "\"message\"", out, size) && !member(a, "\"error\"", out, size))) {
		n = a->len < size - 1 ? a->len : size - 1;
		memcpy(out, a->body, n);
		out[n] = '\0';
		out[strcspn(out, "\r\n")] = '\0';
	}
	drop_quoted(out);
}

static bool
passing(long status)
{
	return status == 408 || status == 425 || status == 429 || status == 499 ||
	    (status >= 500 && status != 501 && status != 505);
}

static enum eg_verdict
stop(const struct eg_write_reply *a, bool v1, const char *text, char *reason)
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
		    v1 ? "user and password" : "token", colon, text);
	else if (status == 403)
		snprintf(reason, size, "does not allow the write (403)%s%s", colon, text);
	else if (status == 404 && !v1 && strstr(text, "page not found") != NULL)
		snprintf(reason, size, "has no v2 API (404 page not found): try --api v1");
	else
		snprintf(reason, size, "answers %d%s%s", status, colon, text);
	return EG_VERDICT_STOP;
}

enum eg_verdict
eg_write_reply_judge(const struct eg_write_reply *a, bool v1, char reason[EG_WRITE_REPLY_REASON])
{
	char text[EG_WRITE_REPLY_REASON - 64];

	reason[0] = '\0';
	if (a->status == 204)
		return EG_VERDICT_WRITTEN;
	if (a->status == 0) {
		snprintf(reason, EG_WRITE_REPLY_REASON, "%s: %s",
		    a->hopeless ? "cannot be used" : "does not answer", a->error);
		return a->hopeless ? EG_VERDICT_STOP : EG_VERDICT_AGAIN;
	}
	message(a, text, sizeof(text));
	/* VictoriaMetrics says 400 where others say 404. */
	if (a->victoria && strstr(text, "unsupported path") != NULL)
		return stop(a, v1, "unsupported path", reason);
	if (!passing(a->status) && a->status != 400 && a->status != 413 && a->status != 422)
		return stop(a, v1, text, reason);
	snprintf(reason, EG_WRITE_REPLY_REASON, "answers %d%s%s", (int)a->status,
	    *text != '\0' ? ": " : "", text);
	if (passing(a->status))
		return EG_VERDICT_AGAIN;
	return a->status == 413 ? EG_VERDICT_SMALLER : EG_VERDICT_SPLIT;
}
