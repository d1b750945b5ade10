/* SPDX-License-Identifier: MIT */
/* JSON from wmbusmeters: telegrams of meters that send by radio. Member names end with the unit. */
#include <string.h>

#include "decode/emit.h"
#include "decode/emit_json.h"

/* Units of energy, flow and temperature in the project's README. */
static const char units[] = " kwh mj gj mwh m3 l kw w m3h lh v a hz kvarh kvah kvar kva c hca pct rh bar m3c ";

/* Members that describe the telegram or the device. */
static const char others[] = " rssi_dbm id year month day ";

/* Whether the word is in the list, where each word is between blanks. */
static bool
is_one_of(const char *word, const char *list)
{
	size_t n = strlen(word);

	for (const char *at = list + 1; n > 0 && (at = strstr(at, word)) != NULL; at++)
		if (at[-1] == ' ' && at[n] == ' ')
			return true;
	return false;
}

/* Whether a value means "not measured": 127 degrees Celsius in Kamstrup's water meters. In
 * district heating, that temperature is possible. */
static bool
is_sentinel(const char *media, const char *unit, const struct eg_json *value)
{
	return strcmp(unit, "c") == 0 && strstr(media, "water") != NULL &&
	    eg_json_double(value) == 127;
}

static int
decode_reading(struct eg_emit *s, const struct eg_json *o)
{
	const char *name = eg_json_text(o, "name"), *id = eg_json_text(o, "id");
	int64_t ns;

	if (*eg_json_text(o, "meter") == '\0' && strcmp(eg_json_text(o, "_"), "telegram") != 0)
		return eg_emit_refuse(s, "no \"meter\": not of wmbusmeters");
	if (*name == '\0')
		name = id;
	if (eg_emit_device(s, name, strlen(name)) != 0)
		return -1;
	if (*eg_json_text(o, "timestamp") == '\0' ? eg_emit_timeless(s, &ns) != 0
	                                         : eg_emit_time(s, o, "timestamp", 0, &ns) != 0)
		return -1;
	eg_json_each_member(value, o) {
		const char *member = value->name, *unit = strrchr(member, '_');

		unit = unit != NULL ? unit + 1 : "";
		if (!eg_json_is_numeric(value))
			continue;
		if (is_one_of(unit, units)) {
			if (!is_sentinel(eg_json_text(o, "media"), unit, value) &&
			    eg_emit_value(s, NULL, member, value, ns) != 0)
				return -1;
		} else if (!is_one_of(member, others)) {
			eg_emit_pass_over(s, member, strlen(member));
		}
	}
	return 0;
}

int
eg_decode_wmbusmeters(struct eg_emit *s)
{
	return eg_emit_document(s, false, decode_reading);
}
