/* SPDX-License-Identifier: MIT */
/* Options with a text argument, and which options exclude or need each other. */
#include "import/convert.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "import/csv.h"
#include "import/unit.h"

/* In a known format the columns in FROM are converted, and their sensors' names end in TO. */
static const char *
convert_named(struct eg_import_options *o, const char *from, size_t from_len, const char *to,
    int power)
{
	size_t converted = 0;

	for (size_t i = 0; i < o->values; i++) {
		struct eg_import_value *v = &o->value[i];
		size_t len = v->name != NULL ? strlen(v->name) : 0;
		char *name;

		if (len <= from_len || v->name[len - from_len - 1] != '_' ||
		    strncasecmp(v->name + len - from_len, from, from_len) != 0)
			continue;
		if ((name = malloc(len + strlen(to) + 1)) == NULL)
			return "out of memory";
		memcpy(name, v->name, len - from_len);
		for (size_t k = 0; k <= strlen(to); k++)
			name[len - from_len + k] = (char)(to[k] >= 'A' && to[k] <= 'Z' ? to[k] + 32 : to[k]);
		v->name = name;
		v->power += power;
		converted++;
	}
	return converted > 0 ? NULL : "the format holds no values in that unit";
}

const char *
eg_import_unit(struct eg_import_options *o, const char *text, bool by_name)
{
	size_t len = strcspn(text, ":");
	const char *second = text + len + (text[len] == ':');
	char from = 0, to = 0;
	int up = 0, down = 0;
	const char *unit = eg_unit_quantity((struct eg_slice){ text, len }, &from, &up);

	(void)eg_unit_quantity((struct eg_slice){ second, strlen(second) }, &to, &down);
	if (text[len] == '\0')
		return "want FROM:TO, for example kWh:Wh";
	if (unit == NULL || from != to)
		return "want both of Wh kWh MWh GWh, or both of mW W kW MW GW";
	o->unit_from = unit;
	if (by_name)
		return convert_named(o, text, len, second, up - down);
	for (size_t i = 0; i < o->values; i++)
		o->value[i].power += up - down;
	o->every_power += up - down;
	return NULL;
}

/* n of 10^n, written as 1000 or 0.001. */
const char *
eg_import_scale(struct eg_import_options *o, const char *text)
{
	const char *s = text;
	size_t zeros = 0, len = strlen(s);
	int n = 0;

	if (*s == '1' && (zeros = strspn(s + 1, "0")) == len - 1 && zeros <= 18) {
		n = (int)zeros;
	} else {
		s += *s == '0' && s[1] == '.';
		zeros = *s == '.' ? strspn(s + 1, "0") : 18;
		if (zeros > 17 || strcmp(s + 1 + zeros, "1") != 0)
			return "not a power of ten (1e-18 to 1e18)";
		n = -(int)zeros - 1;
	}
	for (size_t i = 0; i < o->values; i++)
		o->value[i].power += n;
	o->every_power += n;
	return NULL;
}

const char *
eg_import_where(struct eg_import_options *o, char *text)
{
	char *equal = strchr(text, '=');

	if (equal == NULL || equal == text)
		return "want COLUMN=TEXT or COLUMN!=TEXT";
	if (o->wheres == EG_IMPORT_LIST)
		return "too many conditions";
	*equal = '\0';
	o->where[o->wheres] = (struct eg_import_where){ text, equal + 1, equal[-1] != '!' };
	if (equal[-1] == '!')
		equal[-1] = '\0';
	o->wheres++;
	return NULL;
}

const char *
eg_import_delimiter(struct eg_import_options *o, const char *text)
{
	if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
		o->delimiter = '\t';
	else if (strcmp(text, "blank") == 0 || strcmp(text, "space") == 0 || strcmp(text, " ") == 0)
		o->delimiter = EG_CSV_BLANKS;
	else if (strlen(text) == 1 && strchr(",;:|\t", *text) != NULL)
		o->delimiter = *text;
	else
		return "want one of , ; : |, tab or blank";
	return NULL;
}

const char *
eg_import_thousands(struct eg_import_options *o, const char *text)
{
	bool blank = strcmp(text, "blank") == 0;

	if (!blank && (strlen(text) != 1 || strchr(".,' _", *text) == NULL))
		return "want one of . , ' _ or blank";
	o->thousands = blank ? ' ' : *text;
	return NULL;
}

const char *
eg_import_check(const struct eg_import_options *o)
{
	if (o->interval_s > 0 && o->times < (o->wide ? 1 : 2))
		return "--interval needs the date in a --time, and the number in the last one or --wide";
	if (o->wide && (o->values > 0 || o->every))
		return "--value and --wide exclude each other";
	if (o->wide && !o->header)
		return "--wide needs a header";
	if (o->sensor != NULL && o->sensor_columns > 0)
		return "--sensor and --sensor-column exclude each other";
	if (o->thousands == ',' && o->comma)
		return "--thousands , and --decimal-comma exclude each other";
	if (o->thousands == '.' && !o->comma)
		return "--thousands . needs --decimal-comma";
	return NULL;
}
