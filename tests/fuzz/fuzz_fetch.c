/* SPDX-License-Identifier: MIT */
/* Fuzzes files of devices: what is taken has addresses with a host, and no message shows what
 * stands before an '@'.
 *
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/fetch */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/diag.h"
#include "fetch/devices.h"
#include "fetch/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void
look(const struct eg_fetch_device *d, const char *other)
{
	struct eg_error e = { 0 };
	size_t len;
	const char *host = eg_fetch_url_host(d->url, &len);

	require(host > d->url && len > 0 && strlen(d->url) <= EG_FETCH_URL_MAX);
	require(memchr(host, '@', len) == NULL && memchr(host, '/', len) == NULL);
	require(eg_fetch_url_same(d->url, d->url));
	require(d->sensor == NULL || *d->sensor != '\0');
	if (eg_fetch_url_same(d->url, other))
		require(eg_fetch_url_check(other, &e) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eg_fetch_devices d = { .n = 0 };
	struct eg_error e = { 0 };
	struct eg_config c = { 0 };
	int rc = eg_config_copy(&c, "file", (const char *)data, size, &e);

	if (rc == 0)
		rc = eg_fetch_devices_parse(&d, &c, &e);
	require(rc == 0 || e.status == EG_CONFIG);
	require(rc == 0 || strstr(e.text, "sesame") == NULL);
	for (size_t i = 0; i < d.n && rc == 0; i++)
		look(&d.list[i], d.list[d.n - 1 - i].url);
	eg_config_close(&c);
	eg_fetch_devices_free(&d);
	return 0;
}
