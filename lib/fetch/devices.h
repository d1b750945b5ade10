/* SPDX-License-Identifier: MIT */
/* The devices to poll: their addresses and names, from operands and from a file. */
#ifndef EG_FETCH_DEVICES_H
#define EG_FETCH_DEVICES_H

#include <stddef.h>

struct eg_config;
struct eg_error;

#define EG_FETCH_DEVICES_MAX 10000

struct eg_fetch_device {
	char *url;    /* passed eg_fetch_url_check */
	char *sensor; /* its name; NULL: taken from the answer or the host */
};

/* Initialise with zeros (empty). */
struct eg_fetch_devices {
	struct eg_fetch_device *list;
	size_t n, room;
};

/* Adds a copy. sensor: NULL or empty for none. -1 with EG_USAGE (the URL is wrong, the name is too
 * long, or there are too many) or EG_BUG. */
int eg_fetch_devices_add(struct eg_fetch_devices *d, const char *url, const char *sensor,
    struct eg_error *e);

/* Adds the devices in a file, one a line: `URL [SENSOR]`. Blank lines and those with '#' are
 * skipped. -1 with EG_CONFIG and the number of the line. */
int eg_fetch_devices_parse(struct eg_fetch_devices *d, struct eg_config *c, struct eg_error *e);

/* The same for the file at path. Blocks. */
int eg_fetch_devices_read(struct eg_fetch_devices *d, const char *path, struct eg_error *e);

/* -1 with EG_USAGE if devices without a name of their own have different hosts: one name for all of
 * them would mix their readings. */
int eg_fetch_devices_one_host(const struct eg_fetch_devices *d, struct eg_error *e);

void eg_fetch_devices_free(struct eg_fetch_devices *d);

#endif
