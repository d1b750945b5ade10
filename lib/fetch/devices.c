/* SPDX-License-Identifier: MIT */
/* The devices to poll: their addresses and names, from operands and from a file. */
#include "fetch/devices.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/diag.h"
#include "fetch/url.h"
#include "record/record.h"

int
eg_fetch_devices_add(struct eg_fetch_devices *d, const char *url, const char *sensor,
    struct eg_error *e)
{
	bool named = sensor != NULL && *sensor != '\0';
	struct eg_fetch_device *new;

	if (eg_fetch_url_check(url, e) != 0)
		return -1;
	if (named && strlen(sensor) > EG_SENSOR_MAX)
		return eg_fail(e, EG_USAGE, "the sensor's name is longer than %d bytes", EG_SENSOR_MAX);
	if (d->n == EG_FETCH_DEVICES_MAX)
		return eg_fail(e, EG_USAGE, "more than %d addresses", EG_FETCH_DEVICES_MAX);
	if (!eg_buf_grow(&d->list, &d->room, d->n + 1, sizeof(*d->list)))
		return eg_fail(e, EG_BUG, "out of memory");
	new = &d->list[d->n++];
	*new = (struct eg_fetch_device){ .url = strdup(url), .sensor = named ? strdup(sensor) : NULL };
	if (new->url == NULL || (named && new->sensor == NULL))
		return eg_fail(e, EG_BUG, "out of memory");
	return 0;
}

int
eg_fetch_devices_parse(struct eg_fetch_devices *d, struct eg_config *c, struct eg_error *e)
{
	char *rest;

	while ((rest = eg_config_next(c, e)) != NULL) {
		struct eg_error wrong = { 0 };
		const char *url = eg_config_word(&rest);

		if (eg_fetch_devices_add(d, url, rest, &wrong) != 0)
			return eg_config_wrong(c, e, "%s", wrong.text);
	}
	return e->status == EG_OK ? 0 : -1;
}

int
eg_fetch_devices_read(struct eg_fetch_devices *d, const char *path, struct eg_error *e)
{
	struct eg_config c = { 0 };
	int rc = eg_config_open(&c, path, e);

	if (rc == 0)
		rc = eg_fetch_devices_parse(d, &c, e);
	eg_config_close(&c);
	return rc;
}

int
eg_fetch_devices_one_host(const struct eg_fetch_devices *d, struct eg_error *e)
{
	const char *first = NULL, *host;
	size_t len = 0, n;

	for (size_t i = 0; i < d->n; i++) {
		if (d->list[i].sensor != NULL)
			continue;
		host = eg_fetch_url_host(d->list[i].url, &n);
		if (first == NULL) {
			first = host;
			len = n;
		} else if (n != len || strncasecmp(host, first, n) != 0) {
			return eg_fail(e, EG_USAGE, "--sensor would give several hosts one name: "
			    "name them in a file, see --urls");
		}
	}
	return 0;
}

void
eg_fetch_devices_free(struct eg_fetch_devices *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->list[i].url);
		free(d->list[i].sensor);
	}
	free(d->list);
	*d = (struct eg_fetch_devices){ .n = 0 };
}
