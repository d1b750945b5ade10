/* SPDX-License-Identifier: MIT */
/* Turn files of readings into records.
 *
 * Reads files of readings, mostly CSV, and writes records. A row gives all of its records, or is
 * refused. A record counts as safe when it is written to standard output. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/number.h"
#include "base/options.h"
#include "base/zone.h"
#include "import/convert.h"
#include "import/formats.h"
#include "import/guess.h"
#include "import/local.h"
#include "import/run.h"
#include "meters/meters.h"

/* The options as given, before the format is known. */
struct options {
	struct eg_import_options o;
	const char *format, *from, *to, *unit, *scale, *zone, *own;
	char *format_text; /* options of a known format; others point into it */
	const char **file;
	size_t files;
	bool sort, unique, fixed, meters;
};

/* why: what is wrong with the option's argument; NULL: nothing is. */
static void
check_argument(const char *name, const char *text, const char *why)
{
	if (why != NULL)
		eg_usage("--%s: '%s': %s", name, text, why);
}

static void
add_option(const char *list[], size_t *n, const char *text, const char *name)
{
	if (*n == EG_IMPORT_LIST)
		eg_usage("--%s: given more than %d times", name, EG_IMPORT_LIST);
	list[(*n)++] = text;
}

static void
add_value_column(void *to, char *text)
{
	struct eg_import_options *o = to;
	char *equal = strchr(text, '=');

	if (strcmp(text, "*") == 0) {
		o->every = true;
		return;
	}
	if (o->values == EG_IMPORT_VALUES)
		eg_usage("--value: given more than %d times", EG_IMPORT_VALUES);
	if (equal != NULL)
		*equal = '\0';
	o->value[o->values++] = (struct eg_import_value){ equal != NULL ? text : NULL,
		equal != NULL ? equal + 1 : text, 0 };
}

static void
add_where(void *to, char *text)
{
	check_argument("where", text, eg_import_where(to, text));
}

static void
take_delimiter(void *to, char *text)
{
	check_argument("delimiter", text, eg_import_delimiter(to, text));
}

static void
take_thousands(void *to, char *text)
{
	check_argument("thousands", text, eg_import_thousands(to, text));
}

static void
take_form(void *to, char *text)
{
	struct eg_import_options *o = to;

	if (o->forms == EG_IMPORT_FORMS)
		eg_usage("--time-format: given more than %d times", EG_IMPORT_FORMS);
	check_argument("time-format", text, eg_time_format_compile(&o->form[o->forms++], text));
	o->form_text = o->form_text != NULL ? o->form_text : text;
}

static void
add_sensor_column(void *to, char *text)
{
	struct eg_import_options *o = to;

	add_option(o->sensor_column, &o->sensor_columns, text, "sensor-column");
}

static void
add_time(void *to, char *text)
{
	struct eg_import_options *o = to;

	add_option(o->time, &o->times, text, "time");
}

static void
add_missing(void *to, char *text)
{
	struct eg_import_options *o = to;

	add_option(o->missing, &o->missings, text, "missing");
}

static void
take_no_header(void *to, char *text)
{
	(void)text;
	((struct eg_import_options *)to)->header = false;
}

static int64_t
seconds(const char *name, const char *text, int64_t least_ms, int64_t most_ms, const char *most)
{
	int64_t ms = 0;

	if (eg_duration_parse(text, least_ms, most_ms, &ms) != EG_NUMBER_OK || ms % 1000 != 0)
		eg_usage("--%s: '%s': want whole seconds, within %s", name, text, most);
	return ms / 1000;
}

static void
take_interval(void *to, char *text)
{
	((struct eg_import_options *)to)->interval_s = seconds("interval", text, 1000, EG_DAY_MS,
	    "24h");
}

static void
take_shift(void *to, char *text)
{
	const int64_t most = 366 * EG_DAY_MS;

	((struct eg_import_options *)to)->shift_s = seconds("shift", text, -most, most, "366d");
}

#define AT(function) EG_CALL_AT(struct options, o, function)
#define TEXT(m) EG_TEXT(struct options, m)
#define FLAG(m) EG_FLAG(struct options, m)
static const struct eg_option table[] = {
	{ 'c', "sensor-column", "COLUMN", "csv: a column that names the sensor",
		AT(add_sensor_column) },
	{ 'd', "delimiter", "CHAR", "between columns: one of , ; : |, tab or blank (,)",
		AT(take_delimiter) },
	{ 'D', "decimal-comma", NULL, "the decimal point is a comma", FLAG(o.comma) },
	{ 0, "encoding", "NAME", "of the files, as latin1 or utf-16 (utf-8)", TEXT(o.encoding) },
	{ 'f', "from", "TIME", "leave out what is earlier than TIME", TEXT(from) },
	{ 'F', "time-format", "FORMAT",
		"csv: iso, excel, epoch[-ms|-us|-ns] or as %d/%m/%Y %H:%M (iso)", AT(take_form) },
	{ 0, "head", "N", "end after N rows, and show what columns were found",
		EG_INT(struct options, o.head, 1, INT64_MAX) },
	{ 0, "meters", NULL, "print what is known of the format's sensors: a file of meters",
		FLAG(meters) },
	{ 0, "interval", "DURATION", "csv: times are numbers of intervals of a day, from 1",
		AT(take_interval) },
	{ 0, "missing", "WORD", "treat the value WORD as missing, like null", AT(add_missing) },
	{ 'n', "no-header", NULL, "csv: the first line is data; columns are numbers",
		AT(take_no_header) },
	{ 'p', "prefix", "TEXT", "begin each sensor's name with TEXT", TEXT(o.prefix) },
	{ 's', "sort", NULL, "sort records by time, then sensor", FLAG(sort) },
	{ 'S', "sensor", "NAME", "the name of the sensor", TEXT(o.sensor) },
	{ 0, "shift", "DURATION", "add DURATION to each time, as -15m", AT(take_shift) },
	{ 't', "time", "COLUMN", "csv: the column of times; again: the time of day", AT(add_time) },
	{ 'T', "to", "TIME", "leave out what is at TIME or later", TEXT(to) },
	{ 0, "thousands", "CHAR", "the mark between groups of three digits", AT(take_thousands) },
	{ 'u', "unique", NULL, "drop exact duplicates", FLAG(unique) },
	{ 'U', "unit", "FROM:TO", "convert one unit to another, as kWh:Wh", TEXT(unit) },
	{ 0, "where", "COLUMN=TEXT", "keep rows whose COLUMN is TEXT (!=: is not)", AT(add_where) },
	{ 0, "wide", NULL, "csv: columns named by times hold values", FLAG(o.wide) },
	{ 'x', "scale", "POWER", "csv: multiply by a power of ten, as 1000 or 0.001", TEXT(scale) },
	{ 'y', "value", "[NAME=]COLUMN", "csv: a column of values; may be given several times",
		AT(add_value_column) },
	{ 'z', "tz", "ZONE", "the zone of local times: Europe/Rome, +01:00 (UTC)", TEXT(zone) },
	{ 0 },
};

/* Options that only the table of known formats has. */
static const struct eg_option internal[] = {
	{ 0, "green-button", NULL, NULL, FLAG(o.green_button) },
	{ 0, "nem12", NULL, NULL, FLAG(o.nem12) },
	{ 0, "phase", NULL, NULL, FLAG(o.phase) },
	{ 0, "remarks", NULL, NULL, FLAG(o.remarks) },
	{ 0 },
};

/* Applies the options of a known format, one `name=argument` a line. */
static void
take_format(struct options *p, const struct eg_import_format *f)
{
	const struct eg_import_options given = p->o;
	const char *zone = p->zone;
	char *line, *rest = strdup(f->options);

	if (rest == NULL)
		abort();
	p->format_text = rest;
	p->o.known = true;
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *arg = strchr(line, '=');

		if (arg != NULL)
			*arg++ = '\0';
		if (!eg_options_take(table, p, line, arg))
			(void)eg_options_take(internal, p, line, arg);
	}
	/* Options of the user override those of the format. */
	p->zone = zone != NULL ? zone : p->zone;
	p->o.prefix = given.prefix != NULL ? given.prefix : p->o.prefix;
	p->o.sensor = given.sensor != NULL ? given.sensor : p->o.sensor;
	p->o.delimiter = given.delimiter != ',' ? given.delimiter : p->o.delimiter;
	p->o.thousands = given.thousands != '\0' ? given.thousands : p->o.thousands;
	p->o.shift_s = given.shift_s != 0 ? given.shift_s : p->o.shift_s;
}

static void
parse_options(struct options *p, struct eg_options *opts, int argc, char *argv[])
{
	/* Options that a known format sets itself. */
	static const char *const own[] = { "sensor-column", "time-format", "no-header", "time", "scale",
		"value" };

	p->file = calloc((size_t)argc, sizeof(*p->file));
	if (p->file == NULL)
		abort();
	while (eg_options_parse(opts, argc, argv) < argc) {
		const char *word = argv[opts->next++];

		if (p->format == NULL)
			p->format = word;
		else
			p->file[p->files++] = word;
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && p->own == NULL; i++)
		if (eg_options_given(opts, own[i]))
			p->own = own[i];
}

/* Sets the columns for the format. Wrong usage ends the program. */
static void
complete_options(struct options *p)
{
	const struct eg_import_format *f;
	struct eg_import_options *o = &p->o;
	const char *why;

	if (p->format == NULL)
		eg_usage("no format given");
	if (strcmp(p->format, "csv") != 0) {
		f = eg_import_format_find(p->format);
		if (f == NULL)
			eg_usage("unknown format '%s'", p->format);
		if (p->own != NULL)
			eg_usage("--%s is for csv alone", p->own);
		p->fixed = true;
		take_format(p, f);
	} else if (o->times == 0 && !o->wide) {
		eg_usage("csv needs --time");
	} else if (o->values == 0 && !o->every && !o->wide) {
		eg_usage("csv needs --value");
	}
	for (size_t i = 0; i < o->wheres && (o->nem12 || o->green_button); i++)
		if (!o->nem12 || strcmp(o->where[i].column, "quality") != 0)
			eg_usage("--where: '%s': %s", o->where[i].column,
			    o->nem12 ? "nem12 has quality alone" : "green-button has no columns");
	if ((why = eg_import_check(o)) != NULL)
		eg_usage("%s", why);
	if (o->wide) /* one entry for all columns of values */
		o->value[o->values++] = (struct eg_import_value){ "", "", 0 };
	if (p->unit != NULL)
		check_argument("unit", p->unit, eg_import_unit(o, p->unit, p->fixed));
	if (p->scale != NULL)
		check_argument("scale", p->scale, eg_import_scale(o, p->scale));
}

static int
open_zone(struct options *p, struct eg_error *e)
{
	const char *name = p->zone != NULL ? p->zone : "UTC";

	if (strcmp(name, "UTC") == 0 || ((*name == '+' || *name == '-') &&
	    eg_time_offset(name, strlen(name), &p->o.offset)))
		return 0;
	p->o.zone = eg_zone_open(name, e);
	return p->o.zone != NULL ? 0 : -1;
}

/* The instant in --from or --to; without an offset it is a time of --tz. */
static int64_t
bound(const struct options *p, const char *name, const char *text)
{
	struct eg_time_format iso;
	struct eg_local_order first = { .pass = 0 };
	struct eg_clock_reading r;
	int64_t utc;

	(void)eg_time_format_compile(&iso, "iso");
	check_argument(name, text, eg_time_format_read(&iso, text, strlen(text), &r));
	utc = r.seconds - (r.has_offset ? r.offset : p->o.offset);
	if (!r.has_offset && p->o.zone != NULL)
		check_argument(name, text, eg_local_instant(&first, p->o.zone, r.seconds,
		    r.date_only || r.day_end, &utc));
	return utc * EG_NS_PER_S + r.nanos;
}

/* Prints the file of meters of a format; returns the status. */
static int
print_meters(const char *format)
{
	const struct eg_import_format *f = format != NULL ? eg_import_format_find(format) : NULL;
	const char *meters = f != NULL ? f->meters : NULL;
	struct eg_error e = { 0 };

	if (format == NULL)
		eg_usage("no format given");
	if (meters == NULL)
		eg_usage("--meters: nothing is known of the sensors of '%s'", format);
	return eg_meters_print(STDOUT_FILENO, meters, &e) == 0 ? EG_OK : eg_report(&e);
}

/* Proposes a command line for the file; returns the status. */
static int
print_guess(const struct options *p, const struct eg_options *o)
{
	struct eg_error e = { .status = EG_OK };
	char *line;

	for (const struct eg_option *t = table; t->name != NULL; t++)
		if (eg_options_given(o, t->name))
			eg_usage("--%s does not go with guess", t->name);
	if (p->files > 1)
		eg_usage("guess takes one file");
	if ((line = eg_import_guess(p->files == 1 ? p->file[0] : "-", &e)) == NULL)
		return eg_report(&e);
	if (puts(line) < 0 || fflush(stdout) != 0)
		(void)eg_fail(&e, EG_LOCAL_IO, "cannot write to standard output: %s", strerror(errno));
	free(line);
	return e.status == EG_OK ? EG_OK : eg_report(&e);
}

int
main(int argc, char *argv[])
{
	static struct options p = { .o = { .header = true, .delimiter = ',', .from_ns = INT64_MIN,
		.to_ns = INT64_MAX } };
	struct eg_options o = { .synopsis = "[options] shelly-em3 [FILE ...]\n"
		"       eg-import [options] csv --time COLUMN --value [NAME=]COLUMN [FILE ...]\n"
		"       eg-import [options] FORMAT [FILE ...]\n"
		"       eg-import guess [FILE]",
		.purpose = "Turn files of readings into records.", .table = table, .settings = &p,
		.rejects = true };
	static char iso[] = "iso";
	struct eg_import_counts n = { 0 };
	struct eg_import_job job;
	struct eg_error e = { 0 };
	int status;

	eg_diag_init("eg-import");
	parse_options(&p, &o, argc, argv);
	if (p.meters)
		return print_meters(p.format);
	if (p.format != NULL && strcmp(p.format, "guess") == 0)
		return print_guess(&p, &o);
	complete_options(&p);
	for (size_t i = 0; i < p.files; i++)
		eg_options_own(&o, "an input", p.file[i], NULL);
	if (p.o.forms == 0)
		take_form(&p.o, iso);
	if (open_zone(&p, &e) != 0)
		return eg_report(&e);
	if (p.from != NULL)
		p.o.from_ns = bound(&p, "from", p.from);
	if (p.to != NULL)
		p.o.to_ns = bound(&p, "to", p.to);
	job = (struct eg_import_job){ &p.o, p.file, p.files, p.sort, p.unique };
	if (eg_import_run(&job, &o.common, &n, &e) == 0 && e.status == EG_OK)
		status = n.refused > 0 || n.unfit_files > 0 ? EG_REFUSED : EG_OK;
	else
		status = *e.text == '\0' ? (int)e.status : eg_report(&e);
	eg_zone_free(p.o.zone);
	free(p.file);
	free(p.format_text);
	return status;
}
