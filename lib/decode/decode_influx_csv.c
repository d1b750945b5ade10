/* SPDX-License-Identifier: MIT */
/* InfluxDB's annotated CSV, as `influx query --raw` and its API give it. The form:
 * docs.influxdata.com, "Annotated CSV syntax". */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "decode/emit.h"
#include "decode/influx_csv.h"
#include "decode/lineprotocol_read.h"

enum { SERIES_MAX = 1024 };

static const char *const numeric[] = { "double", "long", "unsignedLong" };

/* Whether the column holds numbers; without annotations, whether this value is a number. */
static bool
is_numeric(const struct eg_influx_csv *t, size_t column, struct eg_slice value)
{
	struct eg_slice type = eg_influx_csv_head(t, EG_INFLUX_CSV_TYPES, column);

	if (t->head[EG_INFLUX_CSV_TYPES].n == 0)
		return eg_decimal_check(value.s, value.len) == EG_NUMBER_OK;
	for (size_t i = 0; i < sizeof(numeric) / sizeof(numeric[0]); i++)
		if (eg_slice_is(type, numeric[i]))
			return true;
	return false;
}

/* Whether the column is a tag or, in a table with one column per field, a field; false for
 * InfluxDB's own columns. */
static bool
is_own(struct eg_slice name)
{
	return name.len == 0 || *name.s == '_' || eg_slice_is(name, "result") ||
	    eg_slice_is(name, "table");
}

static bool
is_tag(const struct eg_influx_csv *t, size_t column, bool pivoted)
{
	struct eg_slice type = eg_influx_csv_head(t, EG_INFLUX_CSV_TYPES, column);

	if (is_own(eg_influx_csv_head(t, EG_INFLUX_CSV_NAMES, column)))
		return false;
	if (pivoted)
		return eg_slice_is(eg_influx_csv_head(t, EG_INFLUX_CSV_GROUPS, column), "true");
	return t->head[EG_INFLUX_CSV_TYPES].n == 0 || eg_slice_is(type, "string");
}

/* Appends text with the escapes of line protocol. If it does not fit, *n becomes larger than
 * SERIES_MAX. */
static void
escape_text(char *series, size_t *n, struct eg_slice text, const char *special)
{
	for (size_t i = 0; i < text.len; i++) {
		if (*n + 2 > SERIES_MAX) {
			*n = SERIES_MAX + 1;
			return;
		}
		if (strchr(special, text.s[i]) != NULL && text.s[i] != '\0')
			series[(*n)++] = '\\';
		series[(*n)++] = text.s[i];
	}
}

/* Builds measurement and tags, as they are before the fields in line protocol. */
static size_t
put_series(const struct eg_influx_csv *t, bool pivoted, char series[SERIES_MAX])
{
	int measurement = eg_influx_csv_find(t, "_measurement");
	size_t n = 0;

	if (measurement >= 0)
		escape_text(series, &n, eg_influx_csv_cell(t, (size_t)measurement), ", ");
	for (size_t i = 0; i < t->row.n && n < SERIES_MAX - 4; i++) {
		struct eg_slice value = eg_influx_csv_cell(t, i);

		if (value.len == 0 || !is_tag(t, i, pivoted))
			continue;
		if (n > 0)
			series[n++] = ',';
		escape_text(series, &n, t->head[EG_INFLUX_CSV_NAMES].cell[i], ",= ");
		if (n < SERIES_MAX)
			series[n++] = '=';
		escape_text(series, &n, value, ",= ");
	}
	return n;
}

/* Names the sensor of the row's field by the rule for line protocol. */
static int
name_sensor(struct eg_emit *s, bool pivoted, struct eg_slice field)
{
	const struct eg_influx_csv *t = s->csv;
	int tag = eg_influx_csv_find(t, s->cfg->sensor_tag != NULL ? s->cfg->sensor_tag : "sensor");
	bool named = tag >= 0 && eg_influx_csv_cell(t, (size_t)tag).len > 0;
	char series[SERIES_MAX], escaped[SERIES_MAX], name[EG_SENSOR_MAX];
	size_t n = 0, len = 0;

	if (named)
		escape_text(series, &n, eg_influx_csv_cell(t, (size_t)tag), ",= ");
	else
		n = put_series(t, pivoted, series);
	escape_text(escaped, &len, field, ",= ");
	if (n == 0)
		return eg_emit_refuse(s, "nothing names the sensor: neither a tag nor _measurement");
	if (n > SERIES_MAX || len > SERIES_MAX || (n = eg_lineprotocol_name(named,
	    (struct eg_slice){ series, n }, (struct eg_slice){ escaped, len }, name)) == 0)
		return eg_emit_refuse(s, "%s", eg_fault_text(EG_FAULT_SENSOR_LONG));
	return eg_emit_name(s, name, n);
}

/* Emits the field in a column of the row. */
static int
put_field(struct eg_emit *s, bool pivoted, struct eg_slice field, size_t column, int64_t ns)
{
	struct eg_slice value = eg_influx_csv_cell(s->csv, column);

	if (value.len == 0 || eg_slice_is(value, "NaN"))
		return 0;
	if (!is_numeric(s->csv, column, value)) {
		eg_emit_pass_over(s, field.s, field.len);
		return 0;
	}
	if (name_sensor(s, pivoted, field) != 0)
		return -1;
	return eg_emit_put(s, NULL, "", value.s, value.len, ns);
}

/* A table with one column per field, as made by schema.fieldsAsCols() and pivot(). */
static int
put_fields(struct eg_emit *s, int64_t ns)
{
	const struct eg_influx_csv *t = s->csv;

	for (size_t i = 0; i < t->row.n; i++) {
		struct eg_slice name = t->head[EG_INFLUX_CSV_NAMES].cell[i];

		if (!is_own(name) && !is_tag(t, i, true) && put_field(s, true, name, i, ns) != 0)
			return -1;
	}
	return 0;
}

static int
put_row(struct eg_emit *s)
{
	const struct eg_influx_csv *t = s->csv;
	int time = eg_influx_csv_find(t, "_time"), value = eg_influx_csv_find(t, "_value"),
	    field = eg_influx_csv_find(t, "_field");
	struct eg_slice text;
	int64_t ns;

	if (t->failed)
		return eg_emit_refuse(s, "InfluxDB reports: %.*s", (int)t->row.cell[0].len,
		    t->row.cell[0].s);
	if (t->row.n != t->head[EG_INFLUX_CSV_NAMES].n)
		return eg_emit_refuse(s, "the line has %zu columns, not %zu", t->row.n,
		    t->head[EG_INFLUX_CSV_NAMES].n);
	text = eg_influx_csv_cell(t, (size_t)time);
	if (eg_emit_stamp(s, text.s, text.len, &ns) != 0)
		return -1;
	if (value < 0)
		return put_fields(s, ns);
	text = field < 0 ? (struct eg_slice){ "value", 5 } : eg_influx_csv_cell(t, (size_t)field);
	return put_field(s, false, text, (size_t)value, ns);
}

/* Reads the names of the columns. */
static int
begin_table(struct eg_emit *s, const char *line, size_t len)
{
	struct eg_influx_csv *t = s->csv;
	const char *why = eg_influx_csv_split(&t->head[EG_INFLUX_CSV_NAMES], line, len);

	if (why != NULL)
		return eg_emit_refuse(s, "%s", why);
	t->failed = eg_slice_is(t->head[EG_INFLUX_CSV_NAMES].cell[0], "error");
	if (!t->failed && eg_influx_csv_find(t, "_time") < 0)
		return eg_emit_refuse(s, "the table has no column _time");
	if (!t->failed && eg_influx_csv_find(t, "_value") < 0 && t->head[EG_INFLUX_CSV_TYPES].n == 0)
		return eg_emit_refuse(s, "the table has neither a column _value nor annotations");
	t->begun = true;
	return 0;
}

static void
clear_table(struct eg_influx_csv *t)
{
	t->begun = t->failed = false;
	for (size_t i = 0; i < EG_INFLUX_CSV_HEADS; i++)
		t->head[i].n = 0;
}

/* Handles an annotation; any other line that begins with '#' is a comment. */
static int
annotate(struct eg_emit *s, const char *line, size_t len)
{
	static const char *const names[EG_INFLUX_CSV_HEADS] = { [EG_INFLUX_CSV_TYPES] = "#datatype",
		[EG_INFLUX_CSV_GROUPS] = "#group", [EG_INFLUX_CSV_PRESETS] = "#default" };
	struct eg_influx_csv *t = s->csv;

	for (size_t i = EG_INFLUX_CSV_TYPES; i < EG_INFLUX_CSV_HEADS; i++) {
		size_t n = strlen(names[i]);
		const char *why;

		if (len <= n || memcmp(line, names[i], n) != 0 || line[n] != ',')
			continue;
		if (t->begun)
			clear_table(t);
		why = eg_influx_csv_split(&t->head[i], line, len);
		if (t->head[i].n > 0) /* the name of the annotation is not a value */
			t->head[i].cell[0].len = 0;
		return why == NULL ? 0 : eg_emit_refuse(s, "%s", why);
	}
	return 0;
}

static int
take_line(struct eg_emit *s, const char *line, size_t len)
{
	const char *why;

	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0) {
		clear_table(s->csv);
		return 0;
	}
	if (*line == '#')
		return annotate(s, line, len);
	if (!s->csv->begun)
		return begin_table(s, line, len);
	why = eg_influx_csv_split(&s->csv->row, line, len);
	return why == NULL ? put_row(s) : eg_emit_refuse(s, "%s", why);
}

int
eg_decode_influx_csv(struct eg_emit *s)
{
	const char *at = s->m->body, *end = at + s->m->len;

	if (s->csv == NULL && (s->csv = calloc(1, sizeof(*s->csv))) == NULL) {
		s->no_memory = true;
		return -1;
	}
	if (!s->m->follows)
		clear_table(s->csv);
	do {
		const char *nl = memchr(at, '\n', (size_t)(end - at));

		if (take_line(s, at, (size_t)((nl != NULL ? nl : end) - at)) != 0)
			return -1;
		at = nl != NULL ? nl + 1 : end;
	} while (at < end);
	return 0;
}
