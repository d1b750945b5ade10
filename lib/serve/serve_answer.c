/* SPDX-License-Identifier: MIT */
/* Answers, and errors in the form that the client knows. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/json_text.h"
#include "serve/serve_parts.h"

/* HEADER_MAX: bytes of a message in a header field; libmicrohttpd has 8 KiB for all. */
enum { HEADER_MAX = 512 };

static const struct word {
	unsigned status;
	const char *code; /* InfluxDB's, if it has one for the status */
} words[] = {
	{ 400, "invalid" },
	{ 401, "unauthorized" },
	{ 403, "forbidden" },
	{ 404, "not found" },
	{ 405, "method not allowed" },
	{ 408, "request timeout" },
	{ 411, "length required" },
	{ 413, "request too large" },
	{ 415, "unsupported media type" },
	{ 422, "unprocessable entity" },
	{ 429, "too many requests" },
	{ 500, "internal error" },
	{ 503, "unavailable" },
	{ 504, "timeout" },
};

static const char *
code_of(unsigned status)
{
	size_t i = 0;

	while (i + 1 < sizeof(words) / sizeof(words[0]) && words[i].status != status)
		i++;
	return words[i].code;
}

/* The body of an error, allocated; NULL: out of memory. */
static char *
compose(enum eg_serve_style style, unsigned status, const char *message, size_t *len)
{
	char *body = NULL;
	FILE *f = open_memstream(&body, len);

	if (f == NULL)
		return NULL;
	if (style == EG_SERVE_OURS)
		(void)fputs("{\"status\":\"error\",\"code\":", f);
	else
		(void)fputs(style == EG_SERVE_V2 ? "{\"code\":" : "{\"error\":", f);
	if (style != EG_SERVE_V1) {
		eg_jsontext_put(f, code_of(status), strlen(code_of(status)));
		(void)fputs(",\"message\":", f);
	}
	eg_jsontext_put(f, message, strlen(message));
	(void)fputs("}\n", f);
	if (fclose(f) == 0)
		return body;
	free(body);
	return NULL;
}

static void
queue_answer(struct eg_serve_request *v, unsigned status, const char *body, size_t len,
    const char *const *headers)
{
	v->answered = true;
	eg_http_answer(v->r, status, body, len, headers);
}

/* The header fields of an error: at most 5, and a NULL. */
static void
add_answer_headers(const struct eg_serve_request *v, unsigned status, const char *message,
    const char *header[12])
{
	int n = 0;

	header[n++] = "Content-Type";
	header[n++] = "application/json";
	if (status == 401) {
		header[n++] = "WWW-Authenticate";
		header[n++] = "Bearer realm=\"EnergyGuard\"";
		header[n++] = "WWW-Authenticate";
		header[n++] = "Basic realm=\"EnergyGuard\", charset=\"UTF-8\"";
	} else if (status == 405) {
		header[n++] = "Allow";
		header[n++] = v->route->methods == EG_SERVE_POST ? "POST, OPTIONS"
		                                                 : "GET, HEAD, OPTIONS";
	} else if (status == 429 || status >= 503) {
		header[n++] = "Retry-After";
		header[n++] = status == 429 ? "1" : "2";
	}
	if (v->route->style == EG_SERVE_V2) {
		header[n++] = "X-Platform-Error-Code";
		header[n++] = code_of(status);
	} else if (v->route->style == EG_SERVE_V1) {
		header[n++] = "X-Influxdb-Error";
		header[n++] = message;
	}
	header[n] = NULL;
}

/* The message as a header field's value: one line of ASCII. */
static void
put_header_field(const char *message, char out[HEADER_MAX])
{
	size_t n = 0;

	for (; message[n] != '\0' && n + 1 < HEADER_MAX; n++) {
		unsigned char c = (unsigned char)message[n];

		out[n] = c == '\n' ? ' ' : c < 0x20 || c > 0x7e ? '?' : (char)c;
	}
	out[n] = '\0';
}

void
eg_serve_refuse(struct eg_serve_request *v, unsigned status, const char *fmt, ...)
{
	char field[HEADER_MAX], *message = NULL, *body;
	const char *header[12];
	size_t len = 0;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&message, fmt, ap) < 0)
		message = NULL;
	va_end(ap);
	v->s->turned_away++;
	body = compose(v->route->style, status, message != NULL ? message : "out of memory",
	    &len);
	put_header_field(message != NULL ? message : "out of memory", field);
	add_answer_headers(v, status, field, header);
	queue_answer(v, status, body != NULL ? body : "", len, header);
	free(body);
	free(message);
}

void
eg_serve_json(struct eg_serve_request *v, unsigned status, const char *body, size_t len)
{
	static const char *const headers[] = { "Content-Type", "application/json",
		"Cache-Control", "no-store", NULL };

	queue_answer(v, status, body, len, headers);
}

void
eg_serve_nothing(struct eg_serve_request *v)
{
	static const char *const headers[] = { "X-Influxdb-Version", "EnergyGuard-" EG_VERSION,
		NULL };

	queue_answer(v, 204, "", 0, headers);
}

size_t
eg_serve_too_slow(void *ctx, struct eg_http_request *r, char *out, size_t size)
{
	const struct eg_serve_request *v = r != NULL ? r->data : NULL;
	struct eg_server *s = ctx;
	size_t len = 0;
	char *body;

	s->turned_away++;
	body = compose(v != NULL ? v->route->style : EG_SERVE_OURS, 408,
	    "the request did not come whole in time", &len);
	if (body == NULL || len > size)
		len = 0;
	if (len > 0)
		memcpy(out, body, len);
	free(body);
	return len;
}
