/* SPDX-License-Identifier: MIT */
#include "modbus/resolve.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/diag.h"
#include "base/number.h"

enum { HOST_MAX = 255, PORT_MAX = 65535 };

struct eg_modbus_resolver {
	char host[HOST_MAX + 1];
	char port[6];
	struct addrinfo hints;
	struct gaicb lookup;
	bool runs;
};

/* False: the target is neither HOST[:PORT] nor [ADDRESS][:PORT]. */
static bool
split_target(struct eg_modbus_resolver *r, const char *target)
{
	bool bracket = *target == '[';
	const char *end = bracket ? strchr(target, ']') : strchr(target, ':');
	size_t len;
	int64_t number;

	target += bracket;
	if (end == NULL && bracket)
		return false;
	len = end != NULL ? (size_t)(end - target) : strlen(target);
	if (len == 0 || len > HOST_MAX)
		return false;
	memcpy(r->host, target, len);
	(void)snprintf(r->port, sizeof(r->port), "502"); /* the port that IANA has registered */
	if (end == NULL || (bracket && end[1] == '\0'))
		return true;
	end += bracket;
	if (*end != ':' || strlen(end + 1) >= sizeof(r->port) ||
	    eg_int_parse(end + 1, 1, PORT_MAX, &number) != EG_NUMBER_OK)
		return false;
	(void)snprintf(r->port, sizeof(r->port), "%s", end + 1);
	return true;
}

struct eg_modbus_resolver *
eg_modbus_resolver_new(const char *target, struct eg_error *e)
{
	struct eg_modbus_resolver *r = calloc(1, sizeof(*r));
	char q[EG_QUOTE_MAX];

	if (r == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	if (!split_target(r, target)) {
		eg_fail(e, EG_USAGE, "%s: is not HOST[:PORT]", eg_quote(target, strlen(target), q));
		free(r);
		return NULL;
	}
	return r;
}

/* Returns the status of the resolver. */
static int
begin_resolve(struct eg_modbus_resolver *r)
{
	struct gaicb *list[] = { &r->lookup };
	struct addrinfo digits = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };

	r->hints = (struct addrinfo){ .ai_socktype = SOCK_STREAM };
	r->lookup = (struct gaicb){ .ar_name = r->host, .ar_service = r->port,
		.ar_request = &r->hints };
	if (getaddrinfo(r->host, r->port, &digits, &r->lookup.ar_result) == 0)
		return 0;
	if (getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) != 0)
		return EAI_AGAIN;
	r->runs = true;
	return EAI_INPROGRESS;
}

enum eg_modbus_lookup
eg_modbus_resolve(struct eg_modbus_resolver *r, struct addrinfo **list, const char **why)
{
	int status = r->runs ? gai_error(&r->lookup) : begin_resolve(r);

	if (status == EAI_INPROGRESS)
		return EG_MODBUS_LOOKUP_RUNS;
	r->runs = false;
	if (status != 0) {
		*why = gai_strerror(status);
		return EG_MODBUS_LOOKUP_FAILED;
	}
	*list = r->lookup.ar_result;
	return EG_MODBUS_LOOKUP_DONE;
}

void
eg_modbus_resolver_free(struct eg_modbus_resolver *r)
{
	int status = r != NULL && r->runs ? gai_cancel(&r->lookup) : EAI_CANCELED;

	if (status == EAI_NOTCANCELED)
		return;
	if (status == EAI_ALLDONE && gai_error(&r->lookup) == 0)
		freeaddrinfo(r->lookup.ar_result);
	free(r);
}
