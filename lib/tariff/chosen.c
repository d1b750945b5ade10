/* SPDX-License-Identifier: MIT */
/* Decides which sensors a tariff applies to. */
#include "tariff/chosen.h"

#include <fnmatch.h>
#include <string.h>

#include "record/record.h"

static bool
ends_with(const char *s, size_t len, const char *tail)
{
	size_t n = strlen(tail);

	return len > n && memcmp(s + len - n, tail, n) == 0;
}

size_t
eg_tariff_stem(const char *sensor, size_t len)
{
	return ends_with(sensor, len, EG_TARIFF_KWH) ? len - strlen(EG_TARIFF_KWH) : len;
}

/* Whether energy of the role is sold (export), or otherwise whether it is bought. */
static bool
has_price(enum eg_role role, bool export)
{
	switch (role) {
	case EG_ROLE_GRID_EXPORT:
		return export;
	case EG_ROLE_PV:
	case EG_ROLE_BATTERY:
	case EG_ROLE_BATTERY_CHARGE:
	case EG_ROLE_BATTERY_DISCHARGE:
		return false;
	default:
		return !export;
	}
}

/* Whether the tariff applies to the sensor if no sensor is named: decided by the end of its name,
 * and by the role of its meter. */
static bool
is_chosen_by_default(const struct eg_tariff_options *o, struct eg_meters *meters,
    const char *s, size_t len)
{
	bool export = ends_with(s, len, "_export_kwh");
	const struct eg_meter *meter;

	if (!ends_with(s, len, EG_TARIFF_KWH))
		return false;
	if (meters == NULL || export)
		return export == o->credit;
	meter = eg_meters_find(meters, s, len - strlen(EG_TARIFF_KWH));
	return has_price(meter != NULL ? meter->role : EG_ROLE_NONE, o->credit);
}

bool
eg_tariff_chosen(const struct eg_tariff_options *o, struct eg_meters *meters, const char *s,
    size_t len)
{
	char name[EG_SENSOR_MAX + 1];

	if (o->patterns == 0)
		return is_chosen_by_default(o, meters, s, len);
	memcpy(name, s, len);
	name[len] = '\0';
	for (size_t i = 0; i < o->patterns; i++)
		if (fnmatch(o->pattern[i], name, 0) == 0)
			return true;
	return false;
}
