/* SPDX-License-Identifier: MIT */
/* What a request's headers and its query hold. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <string.h>
#include <strings.h>

#include "http/http_parts.h"

const char *
eg_http_header(const struct eg_http_request *r, const char *name)
{
	return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

const char *
eg_http_query(const struct eg_http_request *r, const char *name)
{
	const char *value = NULL;
	size_t len;

	if (MHD_lookup_connection_value_n(r->connection, MHD_GET_ARGUMENT_KIND, name,
	        strlen(name), &value, &len) != MHD_YES)
		return NULL;
	return value != NULL ? value : "";
}

bool
eg_http_password(const struct eg_http_request *r, char *out, size_t size)
{
	char *password = NULL;
	char *user = MHD_basic_auth_get_username_password(r->connection, &password);
	bool fits = password != NULL && strlen(password) < size;

	if (fits)
		memcpy(out, password, strlen(password) + 1);
	if (password != NULL)
		explicit_bzero(password, strlen(password));
	MHD_free(password);
	MHD_free(user);
	return fits;
}

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
eg_http_local_host(const struct eg_http_request *r)
{
	const char *host = eg_http_header(r, "Host");
	size_t len;

	if (host == NULL)
		return true;
	len = *host == '[' ? strcspn(host, "]") : strcspn(host, ":");
	len += host[len] == ']';
	return is_loopback(host, len) && is_port(host + len);
}
