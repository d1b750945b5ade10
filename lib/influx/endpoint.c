/* SPDX-License-Identifier: MIT */
/* The address of an InfluxDB's write API. */
#include "influx/endpoint.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/diag.h"

int
eg_endpoint_check(const char *text, struct eg_error *e)
{
	const char *host = strstr(text, "://");
	size_t len = strlen(text);

	host = host != NULL ? host + 3 : text;
	/* Messages never show the text: it may be a misplaced password or token. */
	if (strchr(host, '@') != NULL)
		return eg_fail(e, EG_USAGE, "the address must not hold a user and password, which "
		    "others could read: use --user and --password-file, or --token-file");
	if (strpbrk(text, "?#") != NULL)
		return eg_fail(e, EG_USAGE, "the address must not hold a query or a fragment: use "
		    "--bucket or --db, and --token-file or --user and --password-file");
	if (strncasecmp(text, "http://", 7) != 0 && strncasecmp(text, "https://", 8) != 0)
		return eg_fail(e, EG_USAGE, "the address must begin with http:// or https://");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= 0x20 || text[i] == 0x7f)
			return eg_fail(e, EG_USAGE, "the address holds a space or a control character");
	if (*host == '\0' || strchr("/:", *host) != NULL)
		return eg_fail(e, EG_USAGE, "the address must be a scheme, a host, and at most a port "
		    "and a path");
	return 0;
}

/* Appends `separator name=value`, with the value percent-encoded (RFC 3986). */
static void
add_query(FILE *f, char *separator, const char *name, const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	if (value == NULL)
		return;
	(void)fprintf(f, "%c%s=", *separator, name);
	for (; *value != '\0'; value++)
		(void)fprintf(f, strchr(plain, *value) != NULL ? "%c" : "%%%02X",
		    (unsigned char)*value);
	*separator = '&';
}

char *
eg_endpoint_url(const struct eg_endpoint *p, bool ns)
{
	static const char *const path[] = { [EG_API_V1] = "/write", [EG_API_V2] = "/api/v2/write",
		[EG_API_V3] = "/api/v3/write_lp" };
	size_t len = strlen(p->url), size = 0;
	char separator = '?', *text = NULL;
	bool bad;
	FILE *f = open_memstream(&text, &size);

	if (f == NULL)
		return NULL;
	while (len > 0 && p->url[len - 1] == '/')
		len--;
	/* ferror below reports a failure of any of these calls. */
	(void)fprintf(f, "%.*s%s", (int)len, p->url, path[p->api]);
	if (p->api == EG_API_V2) {
		add_query(f, &separator, "org", p->org);
		add_query(f, &separator, "bucket", p->bucket);
	} else
		add_query(f, &separator, "db", p->db);
	if (p->api == EG_API_V1)
		add_query(f, &separator, "rp", p->rp);
	if (p->api == EG_API_V3) {
		add_query(f, &separator, "precision", ns ? "nanosecond" : "second");
		/* no_sync=false: answer after the write-ahead log is synced.
		 * accept_partial=true: write the valid lines. */
		add_query(f, &separator, "no_sync", "false");
		add_query(f, &separator, "accept_partial", "true");
	} else
		add_query(f, &separator, "precision", ns ? "ns" : "s");
	bad = ferror(f) != 0;
	if (fclose(f) != 0 || bad) {
		free(text);
		return NULL;
	}
	return text;
}
