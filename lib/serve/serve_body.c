/* SPDX-License-Identifier: MIT */
/* The type and the text of a request's body. */
#include <string.h>
#include <strings.h>

#include "base/gunzip.h"
#include "serve/serve_parts.h"

enum eg_serve_type
eg_serve_type_of(const struct eg_http_request *r)
{
	static const struct {
		const char *name;
		enum eg_serve_type type;
	} types[] = {
		{ "application/json", EG_SERVE_JSON },
		{ "application/x-ndjson", EG_SERVE_NDJSON },
		{ "application/ndjson", EG_SERVE_NDJSON },
		{ "application/jsonl", EG_SERVE_NDJSON },
		{ "application/jsonlines", EG_SERVE_NDJSON },
		{ "application/x-jsonlines", EG_SERVE_NDJSON },
		{ "text/plain", EG_SERVE_PLAIN },
	};
	const char *type = eg_http_header(r, "Content-Type");
	size_t n = type != NULL ? strcspn(type, "; ") : 0;

	if (n == 0)
		return EG_SERVE_NO_TYPE;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (n == strlen(types[i].name) && strncasecmp(type, types[i].name, n) == 0)
			return types[i].type;
	return EG_SERVE_OTHER;
}

/* Decompresses the body. Answers and returns false on failure. */
static bool
unpack_request(struct eg_server *s, struct eg_serve_request *v)
{
	const char *body = v->r->body != NULL ? v->r->body : "";
	char *out;
	size_t len;

	switch (eg_gunzip(body, v->r->len, s->cfg->body_max, &out, &len)) {
	case EG_GUNZIP_OK:
		eg_http_replace_body(v->r, out, len);
		return true;
	case EG_GUNZIP_LARGE:
		eg_serve_refuse(v, 413, "the body is longer than %zu bytes", s->cfg->body_max);
		return false;
	case EG_GUNZIP_BAD:
		eg_serve_refuse(v, 400, "the body is not gzip, or damaged");
		return false;
	default:
		eg_serve_refuse(v, 503, "out of memory");
		return false;
	}
}

static bool
body_begins(const struct eg_http_request *r, const char *with, size_t len)
{
	return r->len >= len && memcmp(r->body, with, len) == 0;
}

bool
eg_serve_open_body(struct eg_server *s, struct eg_serve_request *v, struct eg_slice *body)
{
	const char *encoding = eg_http_header(v->r, "Content-Encoding");
	size_t mark;

	if (encoding != NULL && strcasecmp(encoding, "identity") != 0) {
		if (!unpack_request(s, v))
			return false;
	} else if (body_begins(v->r, "\x1f\x8b", 2)) {
		eg_serve_refuse(v, 400, "the body is gzip, but there is no "
		    "'Content-Encoding: gzip'");
		return false;
	}
	mark = body_begins(v->r, "\xef\xbb\xbf", 3) ? 3 : 0;
	*body = (struct eg_slice){ v->r->body != NULL ? v->r->body + mark : "", v->r->len - mark };
	return true;
}
