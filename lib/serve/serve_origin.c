/* SPDX-License-Identifier: MIT */
/* Guards against web pages: any page can make the user's browser send requests, from the
 * user's machine and with the password that the browser keeps. */
#include <string.h>
#include <strings.h>

#include "serve/serve_parts.h"

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
