/* SPDX-License-Identifier: MIT */
/* What a request's headers and its query hold. */
#include <microhttpd.h>
#include <string.h>

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
