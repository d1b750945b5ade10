/* SPDX-License-Identifier: MIT */
/* Guards against web pages: any page can make the user's browser send requests, from the
 * user's machine and with the password that the browser keeps. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "serve/serve_parts.h"

/* Whether text is empty or `:` and digits. */
static bool
is_port(const char *text)
{
	return *text == '\0' ||
	    (*text == ':' && text[1] != '\0' && strspn(text + 1, "0123456789") == strlen(text + 1));
}

/* Whether the len bytes at name are a name or address of this machine alone. */
static bool
is_loopback(const char *name, size_t len)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a;

	if (len == 9 && strncasecmp(name, "localhost", len) == 0)
		return true;
	if (len == 5 && memcmp(name, "[::1]", len) == 0)
		return true;
	if (len >= sizeof(text))
		return false;
	memcpy(text, name, len);
	text[len] = '\0';
	return inet_pton(AF_INET, text, &a) == 1 && ntohl(a.s_addr) >> 24 == IN_LOOPBACKNET;
}

bool
eg_serve_local_host(const struct eg_http_request *r)
{
	const char *host = eg_http_header(r, "Host");
	size_t len;

	if (host == NULL)
		return true;
	len = *host == '[' ? strcspn(host, "]") : strcspn(host, ":");
	len += host[len] == ']';
	return is_loopback(host, len) && is_port(host + len);
}

bool
eg_serve_foreign_page(const struct eg_http_request *r, bool tls)
{
	const char *origin = eg_http_header(r, "Origin"), *host = eg_http_header(r, "Host");
	const char *site = eg_http_header(r, "Sec-Fetch-Site"), *mode = eg_http_header(r, "Sec-Fetch-Mode");
	const char *name = origin != NULL ? strstr(origin, "://") : NULL;

	/* Without Origin it may be a link, which any site may have. A page of another site that
	 * loads this as an image could not read it, but would use up a place for watchers. */
	if (origin == NULL)
		return site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0 &&
		    (mode == NULL || strcmp(mode, "navigate") != 0);
	if (site != NULL)
		return strcmp(site, "same-origin") != 0;
	return name == NULL || host == NULL || strcasecmp(name + 3, host) != 0 ||
	    (tls && strncasecmp(origin, "https:", 6) != 0);
}
