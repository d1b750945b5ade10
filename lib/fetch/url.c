/* SPDX-License-Identifier: MIT */
/* The addresses of devices. */
#include "fetch/url.h"

#include <string.h>
#include <strings.h>

#include "base/diag.h"
#include "base/number.h"

/* A URL's beginning, up to the path. */
struct origin {
	bool tls;
	const char *host;
	size_t len;  /* bytes of host */
	size_t end;  /* offset of the path, the query or the end of the URL */
	int64_t port;
};

/* The port after the colon at text; end is the end of the authority. False: it is not valid. */
static bool
read_port(const char *text, const char *end, int64_t *port)
{
	char digits[8] = "";
	size_t len = (size_t)(end - text);

	if (len < 2 || len > 6 || *text != ':')
		return false;
	memcpy(digits, text + 1, len - 1);
	return strspn(digits, "0123456789") == len - 1 &&
	    eg_int_parse(digits, 1, 65535, port) == EG_NUMBER_OK;
}

/* Splits the beginning of a URL; false: it is not valid. */
static bool
split_origin(const char *url, struct origin *o)
{
	const char *at, *end, *colon;

	*o = (struct origin){ .tls = strncasecmp(url, "https://", 8) == 0 };
	if (!o->tls && strncasecmp(url, "http://", 7) != 0)
		return false;
	at = url + (o->tls ? 8 : 7);
	end = at + strcspn(at, "/?#");
	o->end = (size_t)(end - url);
	o->port = o->tls ? 443 : 80;
	if (memchr(at, '@', (size_t)(end - at)) != NULL)
		return false;
	if (*at == '[') {
		o->host = at + 1;
		o->len = strcspn(o->host, "]/?#");
		colon = o->host + o->len + 1;
		if (o->host[o->len] != ']')
			return false;
	} else {
		o->host = at;
		o->len = strcspn(at, ":/?#");
		colon = at + o->len;
	}
	return o->len > 0 && (colon == end || read_port(colon, end, &o->port));
}

int
eg_fetch_url_check(const char *text, struct eg_error *e)
{
	size_t len = strlen(text);
	const char *host = strstr(text, "://");
	struct origin o;

	if (strncasecmp(text, "http://", 7) != 0 && strncasecmp(text, "https://", 8) != 0)
		return eg_fail(e, EG_USAGE, "the address must begin with http:// or https://");
	if (len > EG_FETCH_URL_MAX)
		return eg_fail(e, EG_USAGE, "the address is longer than %d bytes", EG_FETCH_URL_MAX);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= 0x20 || text[i] == 0x7f)
			return eg_fail(e, EG_USAGE, "the address holds a space or a control character");
	/* Searches after the first '/', too: it may belong to a password, as in
	 * http://user:12/34@host. */
	if (memchr(host + 3, '@', strcspn(host + 3, "?#")) != NULL)
		return eg_fail(e, EG_USAGE, "the address must not hold a user and password, which "
		    "others could read: use --user and --password-file (an @ in the path is %%40)");
	if (strchr(text, '#') != NULL)
		return eg_fail(e, EG_USAGE, "the address must not hold a fragment ('#')");
	if (!split_origin(text, &o))
		return eg_fail(e, EG_USAGE, "the address must be a scheme, a host, and at most a port, "
		    "a path and a query");
	return 0;
}

const char *
eg_fetch_url_host(const char *url, size_t *len)
{
	struct origin o;

	*len = split_origin(url, &o) ? o.len : 0;
	return o.host;
}

size_t
eg_fetch_url_shown(const char *url)
{
	return strcspn(url, "?#");
}

bool
eg_fetch_url_same(const char *from, const char *to)
{
	struct eg_error ignored = { 0 };
	struct origin a, b;

	if (eg_fetch_url_check(to, &ignored) != 0 || !split_origin(from, &a) || !split_origin(to, &b))
		return false;
	if (a.len != b.len || strncasecmp(a.host, b.host, a.len) != 0)
		return false;
	return (a.tls == b.tls && a.port == b.port) || (!a.tls && b.tls);
}
