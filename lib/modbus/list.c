/* SPDX-License-Identifier: MIT */
#include "modbus/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/number.h"
#include "modbus/link.h"
#include "modbus/plan.h"

enum { LINE_UNIT_MAX = 247 };

bool
eg_modbus_units_parse(char *s, struct eg_modbus_units *units)
{
	char *word;
	int64_t unit;

	for (units->n = 0; (word = strsep(&s, ",")) != NULL; units->id[units->n++] = (uint8_t)unit)
		if (units->n == EG_MODBUS_UNITS_MAX || eg_int_parse(word, 0, 255, &unit) != EG_NUMBER_OK ||
		    memchr(units->id, (int)unit, units->n) != NULL)
			return false;
	return true;
}

/* Checks, before a device is read, that each value and its scale factor fit one request. */
static int
check_map(const struct eg_modbus_map *m, struct eg_error *e)
{
	struct eg_modbus_plan plan;
	int rc = eg_modbus_plan_make(&plan, m, e);

	eg_modbus_plan_free(&plan);
	return rc;
}

static struct eg_modbus_map *
read_map(const char *path, struct eg_error *e)
{
	struct eg_modbus_map *m = malloc(sizeof(*m));

	if (m == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	if (eg_modbus_map_read(m, path, e) == 0) {
		if (check_map(m, e) == 0)
			return m;
		eg_modbus_map_free(m);
	}
	free(m);
	return NULL;
}

static const struct eg_modbus_map *
find_map(struct eg_modbus_list *l, const char *path, struct eg_error *e)
{
	struct eg_modbus_map *m;

	for (size_t i = 0; i < l->maps; i++)
		if (strcmp(l->map[i]->file.path, path) == 0)
			return l->map[i];
	m = read_map(path, e);
	if (m == NULL)
		return NULL;
	if (!eg_buf_grow(&l->map, &l->maps_room, l->maps + 1, sizeof(struct eg_modbus_map *))) {
		eg_modbus_map_free(m);
		free(m);
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	return l->map[l->maps++] = m;
}

/* Appends `_` and the host, or the last part of a path, with - for each character that names cannot
 * have. */
static void
put_host(char *name, size_t size, const char *target)
{
	const char *slash = strrchr(target, '/');
	size_t len = strlen(name);

	(void)snprintf(name + len, size - len, "_%s", slash != NULL ? slash + 1 : target);
	for (char *p = name + len; *p != '\0'; p++)
		if (!eg_modbus_is_name((char[]){ *p, '\0' }))
			*p = '-';
}

static int
set_name(struct eg_modbus_listed *d, const struct eg_modbus_add *add, struct eg_error *e)
{
	char name[512], q[EG_QUOTE_MAX];
	size_t len;

	(void)snprintf(name, sizeof(name), "%s", add->name != NULL ? add->name : d->map->name);
	if (add->with_host)
		put_host(name, sizeof(name) - sizeof("_255"), add->target);
	len = strlen(name);
	if (add->units->n > 1)
		len += (size_t)snprintf(name + len, sizeof(name) - len, "_%d", d->unit);
	if (len >= sizeof(d->name))
		return eg_fail(e, EG_USAGE, "the name %s has more than %d bytes",
		    eg_quote(name, len, q), EG_MODBUS_DEVICE_MAX);
	memcpy(d->name, name, len + 1);
	return 0;
}

static int
add_unit(struct eg_modbus_list *l, const struct eg_modbus_add *add, struct eg_modbus_listed d,
    struct eg_error *e)
{
	if (eg_modbus_is_line(d.target) && (d.unit < 1 || d.unit > LINE_UNIT_MAX))
		return eg_fail(e, EG_USAGE, "a unit of a serial line is 1 to %d, not %d", LINE_UNIT_MAX,
		    d.unit);
	if (set_name(&d, add, e) != 0)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->device[i].name, d.name) == 0)
			return eg_fail(e, EG_USAGE, "two devices have the name '%s'", d.name);
	if (!eg_buf_grow(&l->device, &l->room, l->n + 1, sizeof(*l->device)))
		return eg_fail(e, EG_BUG, "out of memory");
	l->device[l->n++] = d;
	return 0;
}

int
eg_modbus_list_add(struct eg_modbus_list *l, const struct eg_modbus_add *add, struct eg_error *e)
{
	struct eg_modbus_listed d = { .map = find_map(l, add->map, e), .target = add->target };

	if (d.map == NULL)
		return -1;
	d.unit = d.map->unit;
	if (add->units->n == 0)
		return add_unit(l, add, d, e);
	for (size_t i = 0; i < add->units->n; i++) {
		d.unit = add->units->id[i];
		if (add_unit(l, add, d, e) != 0)
			return -1;
	}
	return 0;
}

/* Checks that the target is an address or a serial line. */
static int
check_target(const char *target, struct eg_error *e)
{
	struct eg_modbus_line line = EG_MODBUS_LINE_USUAL;
	struct eg_modbus_link link;
	int rc = eg_modbus_link_init(&link, target, &line, 1, e);

	eg_modbus_link_free(&link);
	return rc;
}

static int
take_line(struct eg_modbus_list *l, char *rest, struct eg_error *e)
{
	struct eg_modbus_units units = { .n = 0 };
	struct eg_modbus_add add = { .map = eg_config_word(&rest), .target = eg_config_word(&rest),
		.units = &units };
	char *unit = eg_config_word(&rest);
	struct eg_error why = { 0 };

	add.name = eg_config_word(&rest);
	if (add.target == NULL || *rest != '\0')
		return eg_config_wrong(&l->file, e, "want MAP HOST[:PORT]|DEVICE [UNIT,...|-] [NAME]");
	if (unit != NULL && strcmp(unit, "-") != 0 && !eg_modbus_units_parse(unit, &units))
		return eg_config_wrong(&l->file, e, "units: " EG_MODBUS_UNITS_WRONG ", or -");
	if (add.name != NULL && !eg_modbus_is_name(add.name))
		return eg_config_wrong(&l->file, e,
		    "the name of a device has at most %d letters, digits and _./-", EG_MODBUS_NAME_MAX);
	if (check_target(add.target, &why) == 0 && eg_modbus_list_add(l, &add, &why) == 0)
		return 0;
	return eg_config_wrong(&l->file, e, "%s", why.text);
}

int
eg_modbus_list_read(struct eg_modbus_list *l, const char *path, struct eg_error *e)
{
	char *line;

	if (eg_config_open(&l->file, path, e) != 0)
		return -1;
	while ((line = eg_config_next(&l->file, e)) != NULL) {
		eg_config_cut_comment(line);
		if (take_line(l, line, e) != 0)
			return -1;
	}
	if (e->status == EG_OK && l->n == 0)
		eg_fail(e, EG_CONFIG, "'%s' lists no device", path);
	return e->status == EG_OK ? 0 : -1;
}

void
eg_modbus_list_free(struct eg_modbus_list *l)
{
	for (size_t i = 0; i < l->maps; i++) {
		eg_modbus_map_free(l->map[i]);
		free(l->map[i]);
	}
	free(l->map);
	free(l->device);
	eg_config_close(&l->file);
	*l = (struct eg_modbus_list){ .n = 0 };
}
