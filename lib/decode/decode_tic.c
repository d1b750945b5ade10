/* SPDX-License-Identifier: MIT */
/* Linky's customer port (TIC), both modes: Enedis-NOI-CPT_54E, "Sorties de télé-information
 * client des appareils de comptage Linky". */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/slice.h"
#include "base/zone.h"
#include "decode/emit.h"

/* The field of each label. It ends with the unit, except for V, A and VA. */
static const struct eg_field labels[] = {
	/* Standard mode. */
	{ "EAST", "import_wh" }, { "EAIT", "export_wh" },
	{ "ERQ1", "reactive_q1_varh" }, { "ERQ2", "reactive_q2_varh" },
	{ "ERQ3", "reactive_q3_varh" }, { "ERQ4", "reactive_q4_varh" },
	{ "IRMS1", "current_l1" }, { "IRMS2", "current_l2" }, { "IRMS3", "current_l3" },
	{ "URMS1", "voltage_l1" }, { "URMS2", "voltage_l2" }, { "URMS3", "voltage_l3" },
	{ "SINSTS", "apparent_power" }, { "SINSTS1", "apparent_power_l1" },
	{ "SINSTS2", "apparent_power_l2" }, { "SINSTS3", "apparent_power_l3" },
	{ "SINSTI", "apparent_power_export" }, { "SMAXSN", "apparent_power_peak" },
	{ "SMAXIN", "apparent_power_export_peak" }, { "CCASN", "power_mean_w" },
	{ "CCAIN", "power_export_mean_w" }, { "UMOY1", "voltage_mean_l1" },
	{ "UMOY2", "voltage_mean_l2" }, { "UMOY3", "voltage_mean_l3" },
	/* Historic mode. */
	{ "BASE", "import_wh" }, { "HCHC", "import_hc_wh" }, { "HCHP", "import_hp_wh" },
	{ "EJPHN", "import_hn_wh" }, { "EJPHPM", "import_pm_wh" }, { "BBRHCJB", "import_hc_blue_wh" },
	{ "BBRHPJB", "import_hp_blue_wh" }, { "BBRHCJW", "import_hc_white_wh" },
	{ "BBRHPJW", "import_hp_white_wh" }, { "BBRHCJR", "import_hc_red_wh" },
	{ "BBRHPJR", "import_hp_red_wh" }, { "IINST", "current_l1" }, { "IINST1", "current_l1" },
	{ "IINST2", "current_l2" }, { "IINST3", "current_l3" }, { "PAPP", "apparent_power" },
};

/* A group: LF label SEP [time SEP] data SEP checksum CR. The separator is HT in standard mode. */
struct group {
	struct eg_slice label, time, data;
};

/* The checksum: the lower 6 bits of the sum of the bytes, plus 0x20. The sum covers label to
 * data in historic mode; in standard mode also the separator after the data. */
static char
checksum(const char *s, size_t len)
{
	unsigned sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += (unsigned char)s[i];
	return (char)((sum & 0x3f) + 0x20);
}

static int
split(struct eg_emit *s, const char *p, size_t len, struct group *g)
{
	bool standard = memchr(p, '\t', len) != NULL;
	char by = standard ? '\t' : ' ';
	const char *end = p + len - 2, *first, *second;

	*g = (struct group){ .label = { p, len } };
	if (len < 5 || *end != by)
		return eg_emit_refuse(s, "'%.*s' is no group of label, data and checksum",
		    (int)(len < 40 ? len : 40), p);
	if (p[len - 1] != checksum(p, len - (standard ? 1 : 2)))
		return eg_emit_refuse(s, "the checksum of '%.*s' is wrong", (int)(len < 40 ? len : 40), p);
	first = memchr(p, by, (size_t)(end - p));
	if (first == NULL)
		return eg_emit_refuse(s, "'%.*s' has no data", (int)(len < 40 ? len : 40), p);
	g->label.len = (size_t)(first - p);
	second = standard ? memchr(first + 1, by, (size_t)(end - first - 1)) : NULL;
	if (second != NULL)
		g->time = (struct eg_slice){ first + 1, (size_t)(second - first - 1) };
	else
		second = first;
	g->data = (struct eg_slice){ second + 1, (size_t)(end - second - 1) };
	return 0;
}

/* Parses E240718111041. E is summer (été), H winter (hiver); a lower-case letter means that the
 * meter's clock is uncertain, a blank that the season is unknown. */
static int
read_time(struct eg_emit *s, struct eg_slice t, int64_t *ns)
{
	char text[32], season;
	int winter = 0, summer = 0;

	if (t.len != 13 || strspn(t.s + 1, "0123456789") < 12 || strchr("EHeh ", *t.s) == NULL)
		return eg_emit_refuse(s, "the time '%.*s' is not E or H and YYMMDDhhmmss",
		    (int)(t.len < 20 ? t.len : 20), t.s);
	season = *t.s == ' ' ? ' ' : (char)(*t.s & ~0x20);
	snprintf(text, sizeof(text), "20%.2s-%.2s-%.2sT%.2s:%.2s:%.2s", t.s + 1, t.s + 3, t.s + 5,
	    t.s + 7, t.s + 9, t.s + 11);
	if (season == ' ')
		return eg_emit_stamp(s, text, 19, ns);
	if (eg_time_parse(text, 19, ns) != EG_FAULT_NONE)
		return eg_emit_refuse(s, "the time '%.13s' is none", t.s);
	if (s->zone != NULL)
		eg_zone_seasons(s->zone, *ns / EG_NS_PER_S, &winter, &summer);
	*ns -= (season == 'E' ? summer : winter) * EG_NS_PER_S;
	return 0;
}

/* Reads the next group, between LF and CR. Returns 0 if there is none, -1 if the message is
 * refused. */
static int
next_group(struct eg_emit *s, const char **at, const char *end, struct group *g)
{
	const char *lf = memchr(*at, '\n', (size_t)(end - *at)), *cr;

	if (lf == NULL)
		return 0;
	cr = memchr(lf, '\r', (size_t)(end - lf));
	if (cr == NULL) {
		(void)eg_emit_refuse(s, "the last group is cut short");
		return -1;
	}
	*at = cr + 1;
	return split(s, lf + 1, (size_t)(cr - lf - 1), g) == 0 ? 1 : -1;
}

static bool
is_label(const struct group *g, const char *label)
{
	return strlen(label) == g->label.len && memcmp(g->label.s, label, g->label.len) == 0;
}

/* The field of a group; NULL: it is no reading. EASF01 to EASF10 are the supplier's tariffs,
 * import_t1_wh and so on, EASD01 to EASD04 the grid's, import_d1_wh; their fields are written to
 * text (32 bytes). */
static const char *
field_of(const struct group *g, char *text)
{
	const char *l = g->label.s;

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (is_label(g, labels[i].member))
			return labels[i].field;
	if (g->label.len != 6 || memcmp(l, "EAS", 3) != 0 || (l[3] != 'F' && l[3] != 'D') ||
	    l[4] < '0' || l[4] > '1' || l[5] < '0' || l[5] > '9')
		return NULL;
	snprintf(text, 32, "import_%c%s%c_wh", l[3] == 'F' ? 't' : 'd', l[4] == '1' ? "1" : "", l[5]);
	return text;
}

static int
put_group(struct eg_emit *s, const struct group *g, int64_t ns)
{
	char text[32];
	const char *field = field_of(g, text);

	if (field == NULL)
		return 0;
	if (g->time.len > 0 && read_time(s, g->time, &ns) != 0)
		return -1;
	return eg_emit_put(s, NULL, field, g->data.s, g->data.len, ns);
}

int
eg_decode_tic(struct eg_emit *s)
{
	const char *at = s->m->body, *end = at + s->m->len;
	int64_t ns = s->m->arrived;
	struct group g;
	int rc = eg_emit_topic_or(s, "linky");

	/* Finds the frame's time first, wherever it is; historic mode has none. */
	while (rc == 0 && (rc = next_group(s, &at, end, &g)) > 0)
		rc = is_label(&g, "DATE") ? read_time(s, g.time, &ns) : 0;
	for (at = s->m->body; rc == 0 && (rc = next_group(s, &at, end, &g)) > 0;)
		rc = put_group(s, &g, ns);
	return rc;
}
