/* SPDX-License-Identifier: MIT */
/* The addresses of devices. */
#ifndef EG_FETCH_URL_H
#define EG_FETCH_URL_H

#include <stdbool.h>
#include <stddef.h>

struct eg_error;

#define EG_FETCH_URL_MAX 2000 /* bytes */

/* Whether text is http or https, a host, and at most a port, a path and a query. -1 with EG_USAGE
 * and a reason, which never contains the text: it may hold a password. */
int eg_fetch_url_check(const char *text, struct eg_error *e);

/* The host in a URL that passed the check, without the brackets of an IPv6 address; *len: its
 * bytes. Points into url. */
const char *eg_fetch_url_host(const char *url, size_t *len);

/* The length of the part of a URL that may be shown: up to its query, which can hold a key. */
size_t eg_fetch_url_shown(const char *url);

/* Whether a redirect from one URL to another may be followed: same host, scheme and port, or from
 * http to https. from passed the check; to is any text. */
bool eg_fetch_url_same(const char *from, const char *to);

#endif
