/* SPDX-License-Identifier: MIT */
/* Turn files of readings into records.
 *
 * Reads CSV files, writes records. It is a source: a reading is handed over when it is
 * written, and a row comes out as a whole or is refused as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/number.h"
#include "base/options.h"
#include "base/output.h"
#include "base/rejects.h"
#include "base/stop.h"
#include "base/zone.h"
#include "import/csv.h"
#include "import/formats.h"
#include "import/import.h"
#include "import/sorter.h"

/* What the options say, before it is known what they are for. */
struct options {
	struct eg_import_options o;
	const char *format, *from, *to, *unit, *scale, *zone, *own;
	char *format_text; /* what the options of a known format point into */
	const char **file;
	size_t files;
	bool sort, unique, fixed;
};

static void
add(const char *list[], size_t *n, const char *text, const char *name)
{
	if (*n == EG_IMPORT_LIST)
		eg_usage("--%s: more than %d", name, EG_IMPORT_LIST);
	list[(*n)++] = text;
}

static void
add_value(void *to, char *text)
{
	struct eg_import_options *o = to;
	char *equal = strchr(text, '=');

	if (o->values == EG_IMPORT_VALUES)
		eg_usage("--value: more than %d", EG_IMPORT_VALUES);
	if (equal != NULL)
		*equal = '\0';
	o->value[o->values++] = (struct eg_import_value){ equal != NULL ? text : NULL,
		equal != NULL ? equal + 1 : text, 0 };
}

static void
add_where(void *to, char *text)
{
	struct eg_import_options *o = to;
	char *equal = strchr(text, '=');

	if (equal == NULL || equal == text)
		eg_usage("--where: '%s': want COLUMN=TEXT or COLUMN!=TEXT", text);
	if (o->wheres == EG_IMPORT_LIST)
		eg_usage("--where: more than %d", EG_IMPORT_LIST);
	*equal = '\0';
	o->where[o->wheres] = (struct eg_import_where){ text, equal + 1, equal[-1] != '!' };
	if (equal[-1] == '!')
		equal[-1] = '\0';
	o->wheres++;
}

static char
delimiter(const char *text)
{
	if (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0)
		return '\t';
	if (strcmp(text, "blank") == 0 || strcmp(text, "space") == 0 || strcmp(text, " ") == 0)
		return EG_CSV_BLANKS;
	if (strlen(text) != 1 || strchr(",;:|\t", *text) == NULL)
		eg_usage("--delimiter: '%s': want one of , ; : |, tab or blank", text);
	return *text;
}

static char
thousands(const char *text)
{
	if (strcmp(text, "blank") == 0)
		return ' ';
	if (strlen(text) != 1 || strchr(".,' _", *text) == NULL)
		eg_usage("--thousands: '%s': want one of . , ' _ or blank", text);
	return *text;
}

static void
take_form(void *to, char *text)
{
	struct eg_import_options *o = to;
	const char *why = eg_time_format_compile(&o->form, text);

	if (why != NULL)
		eg_usage("--time-format: '%s': %s", text, why);
	o->form_text = text;
}

static void
add_sensor_column(void *to, char *text)
{
	struct eg_import_options *o = to;

	add(o->sensor_column, &o->sensor_columns, text, "sensor-column");
}

static void
add_time(void *to, char *text)
{
	struct eg_import_options *o = to;

	add(o->time, &o->times, text, "time");
}

static void
add_missing(void *to, char *text)
{
	struct eg_import_options *o = to;

	add(o->missing, &o->missings, text, "missing");
}

static void
take_delimiter(void *to, char *text)
{
	((struct eg_import_options *)to)->delimiter = delimiter(text);
}

static void
take_thousands(void *to, char *text)
{
	((struct eg_import_options *)to)->thousands = thousands(text);
}

static void
take_no_header(void *to, char *text)
{
	(void)text;
	((struct eg_import_options *)to)->header = false;
}

static void
take_shift(void *to, char *text)
{
	const int64_t most = 366 * EG_DAY_MS;
	struct eg_import_options *o = to;
	int64_t ms = 0;

	if (eg_duration_parse(text, -most, most, &ms) != EG_NUMBER_OK || ms % 1000 != 0)
		eg_usage("--shift: '%s': want whole seconds, within 366d", text);
	o->shift_s = ms / 1000;
}

#define AT(function) EG_CALL_AT(struct options, o, function)
#define TEXT(m) EG_TEXT(struct options, m)
#define FLAG(m) EG_FLAG(struct options, m)
static const struct eg_option table[] = {
	{ 'c', "sensor-column", "COLUMN", "csv: a column that names the sensor", AT(add_sensor_column) },
	{ 'd', "delimiter", "CHAR", "between columns: one of , ; : |, tab or blank (,)",
		AT(take_delimiter) },
	{ 'D', "decimal-comma", NULL, "the decimal point is a comma", FLAG(o.comma) },
	{ 0, "encoding", "NAME", "of the files, as latin1 or utf-16 (utf-8)", TEXT(o.encoding) },
	{ 'f', "from", "TIME", "leave out what is earlier than TIME", TEXT(from) },
	{ 'F', "time-format", "FORMAT", "csv: iso, epoch[-ms|-us|-ns] or as %d/%m/%Y %H:%M (iso)",
		AT(take_form) },
	{ 0, "head", "N", "end after N rows, and show what columns were found",
		EG_INT(struct options, o.head, 1, INT64_MAX) },
	{ 0, "missing", "WORD", "a value that is WORD is missing, as is null", AT(add_missing) },
	{ 'n', "no-header", NULL, "csv: the first line is data; columns are numbers", AT(take_no_header) },
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
		AT(add_value) },
	{ 'z', "tz", "ZONE", "the zone of local times: Europe/Rome, +01:00 (UTC)", TEXT(zone) },
	{ 0 },
};

/* Of the table of known formats alone. */
static const struct eg_option internal[] = {
	{ 0, "phase", NULL, NULL, FLAG(o.phase) },
	{ 0, "remarks", NULL, NULL, FLAG(o.remarks) },
	{ 0 },
};

/* A known format's options: `name=argument` a line. */
static void
take_format(struct options *p, const struct eg_import_format *f)
{
	const struct eg_import_options given = p->o;
	const char *zone = p->zone;
	char *line, *rest = strdup(f->options);

	if (rest == NULL)
		abort();
	p->format_text = rest;
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *arg = strchr(line, '=');

		if (arg != NULL)
			*arg++ = '\0';
		if (!eg_options_take(table, p, line, arg))
			(void)eg_options_take(internal, p, line, arg);
	}
	/* What the user says goes before it. */
	p->zone = zone != NULL ? zone : p->zone;
	p->o.prefix = given.prefix != NULL ? given.prefix : p->o.prefix;
	p->o.sensor = given.sensor != NULL ? given.sensor : p->o.sensor;
	p->o.delimiter = given.delimiter != ',' ? given.delimiter : p->o.delimiter;
	p->o.thousands = given.thousands != '\0' ? given.thousands : p->o.thousands;
	p->o.shift_s = given.shift_s != 0 ? given.shift_s : p->o.shift_s;
}

/* The power of ten of a unit's prefix, of the watts ('w') or watt-hours ('h'). */
static bool
unit_of(const char *text, size_t len, char *kind, int *power)
{
	static const struct {
		const char *name;
		char kind;
		int power;
	} units[] = { { "wh", 'h', 0 }, { "kwh", 'h', 3 }, { "mwh", 'h', 6 }, { "gwh", 'h', 9 },
		{ "w", 'w', 0 }, { "kw", 'w', 3 }, { "mw", 'w', 6 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len && strncasecmp(units[i].name, text, len) == 0) {
			*kind = units[i].kind;
			*power = units[i].power;
			return true;
		}
	return false;
}

/* In a known format the columns in FROM are converted, and their names end in TO. */
static void
convert_format(struct options *p, const char *from, size_t from_len, const char *to, int power)
{
	size_t converted = 0;

	for (size_t i = 0; i < p->o.values; i++) {
		struct eg_import_value *v = &p->o.value[i];
		size_t len = v->name != NULL ? strlen(v->name) : 0;
		char *name;

		if (len <= from_len || v->name[len - from_len - 1] != '_' ||
		    strncasecmp(v->name + len - from_len, from, from_len) != 0)
			continue;
		if ((name = malloc(len + strlen(to) + 1)) == NULL)
			abort();
		memcpy(name, v->name, len - from_len);
		for (size_t k = 0; k <= strlen(to); k++)
			name[len - from_len + k] = (char)(to[k] >= 'A' && to[k] <= 'Z' ? to[k] + 32 : to[k]);
		v->name = name;
		v->power += power;
		converted++;
	}
	if (converted == 0)
		eg_usage("--unit: %s holds no values in '%.*s'", p->format, (int)from_len, from);
}

static void
apply_unit(struct options *p)
{
	size_t len = strcspn(p->unit, ":");
	const char *second = p->unit + len + (p->unit[len] == ':');
	char from = 0, to = 0;
	int up = 0, down = 0;

	if (p->unit[len] == '\0')
		eg_usage("--unit: '%s': want FROM:TO, for example kWh:Wh", p->unit);
	if (!unit_of(p->unit, len, &from, &up) || !unit_of(second, strlen(second), &to, &down) ||
	    from != to)
		eg_usage("--unit: '%s': want both of Wh kWh MWh GWh, or both of W kW MW", p->unit);
	if (p->fixed)
		convert_format(p, p->unit, len, second, up - down);
	else
		for (size_t i = 0; i < p->o.values; i++)
			p->o.value[i].power += up - down;
}

/* n of 10^n, written as 1000 or 0.001. */
static void
apply_scale(struct options *p)
{
	const char *s = p->scale;
	size_t zeros = 0, len = strlen(s);
	int n = 0;

	if (*s == '1' && (zeros = strspn(s + 1, "0")) == len - 1 && zeros <= 18) {
		n = (int)zeros;
	} else {
		s += *s == '0' && s[1] == '.';
		zeros = *s == '.' ? strspn(s + 1, "0") : 18;
		if (zeros > 17 || strcmp(s + 1 + zeros, "1") != 0)
			eg_usage("--scale: '%s' is not a power of ten (1e-18 to 1e18)", p->scale);
		n = -(int)zeros - 1;
	}
	for (size_t i = 0; i < p->o.values; i++)
		p->o.value[i].power += n;
}

static void
parse(struct options *p, struct eg_options *opts, int argc, char *argv[])
{
	/* What known formats bring themselves. */
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

/* Decides by the format what the columns are; wrong usage ends here. */
static void
complete(struct options *p)
{
	const struct eg_import_format *f;
	struct eg_import_options *o = &p->o;

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
	} else if (o->values == 0 && !o->wide) {
		eg_usage("csv needs --value");
	}
	if (o->wide && o->values > 0)
		eg_usage("--value and --wide exclude each other");
	if (o->wide && !o->header)
		eg_usage("--wide needs a header");
	if (o->sensor != NULL && o->sensor_columns > 0)
		eg_usage("--sensor and --sensor-column exclude each other");
	if (o->wide) /* one column of values stands for all */
		o->value[o->values++] = (struct eg_import_value){ "", "", 0 };
	if (p->unit != NULL)
		apply_unit(p);
	if (p->scale != NULL)
		apply_scale(p);
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

/* The instant of --from or --to, a time of --tz when it has no offset. */
static int64_t
bound(const struct options *p, const char *name, const char *text)
{
	struct eg_time_format iso;
	struct eg_clock_reading r;
	const char *why;
	int64_t utc[2];

	(void)eg_time_format_compile(&iso, "iso");
	if ((why = eg_time_format_read(&iso, text, strlen(text), &r)) != NULL)
		eg_usage("--%s: '%s': %s", name, text, why);
	utc[0] = r.seconds - (r.has_offset ? r.offset : p->o.offset);
	if (!r.has_offset && p->o.zone != NULL && eg_zone_instants(p->o.zone, r.seconds, utc) == 0)
		eg_usage("--%s: '%s': no such local time: the clocks were put forward", name, text);
	return utc[0] * EG_NS_PER_S + r.nanos;
}

/* A file that cannot be read is known before anything is written. */
static int
check_files(const struct options *p, struct eg_error *e)
{
	struct stat st;

	for (size_t i = 0; i < p->files; i++) {
		const char *name = p->file[i];

		if (strcmp(name, "-") == 0)
			continue;
		if (access(name, R_OK) != 0)
			return eg_fail(e, EG_LOCAL_IO, "cannot open '%s': %s", name, strerror(errno));
		if (stat(name, &st) == 0 && S_ISDIR(st.st_mode))
			return eg_fail(e, EG_LOCAL_IO, "cannot read '%s': %s", name, strerror(EISDIR));
	}
	return 0;
}

struct run {
	struct eg_output out;
	struct eg_sorter *order; /* NULL: records are written as they come */
	struct eg_rejects rejects;
	struct eg_metrics metrics;
};

/* Writes whole lines to standard output. Blocks, but a signal is heard. */
static int
write_out(void *ctx, const char *lines, size_t len, struct eg_error *e)
{
	struct run *r = ctx;

	while (len > 0) {
		struct pollfd p[2] = { { .fd = r->out.fd, .events = POLLOUT },
			{ .fd = eg_stop_fd(), .events = POLLIN } };
		ssize_t n;

		if (poll(p, 2, -1) > 0 && p[1].revents != 0)
			eg_stop_drain();
		if (eg_stop_asked() > 0 && p[0].revents == 0)
			return eg_fail(e, EG_TEMPORARY, "ended by a signal; not all records were written");
		if (p[0].revents == 0)
			continue;
		if ((n = eg_output_write(&r->out, lines, len, e)) < 0)
			return -1;
		if (r->out.gone)
			return eg_fail(e, EG_LOCAL_IO, "standard output is closed");
		lines += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
take_records(void *ctx, const char *lines, size_t len, struct eg_error *e)
{
	struct run *r = ctx;

	return r->order != NULL ? eg_sorter_put(r->order, lines, len, e) : write_out(r, lines, len, e);
}

static bool
look(void *ctx, const struct eg_import_counts *n)
{
	struct run *r = ctx;

	r->metrics.in = n->records + n->refused;
	r->metrics.out = n->records;
	r->metrics.refused = n->refused;
	eg_metrics_tick(&r->metrics, eg_mono_ms());
	return eg_stop_asked() > 0;
}

static int
read_file(struct eg_import *m, const char *name, struct eg_error *e)
{
	int fd = strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot open '%s': %s", name, strerror(errno));
	rc = eg_import_file(m, fd, name, e);
	if (fd != STDIN_FILENO)
		close(fd);
	return rc;
}

static int
read_files(struct run *r, struct options *p, struct eg_import *m, struct eg_import_counts *n,
    struct eg_error *e)
{
	int rc = p->files == 0 ? read_file(m, "-", e) : 0;

	for (size_t i = 0; i < p->files && rc == 0 && eg_stop_asked() == 0; i++)
		rc = read_file(m, p->file[i], e);
	if (rc != 0 || eg_import_end(m, n, e) != 0)
		return -1;
	if (eg_stop_asked() > 0)
		return eg_fail(e, EG_TEMPORARY, "ended by a signal; not all rows were read");
	if (r->order != NULL && eg_sorter_end(r->order, write_out, r, e) != 0)
		return -1;
	if (close(STDOUT_FILENO) != 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot write to standard output: %s", strerror(errno));
	return 0;
}

static int
run(struct options *p, const struct eg_common *common, struct eg_import_counts *n, struct eg_error *e)
{
	struct run r = { .rejects.fd = -1 };
	struct eg_import_out out = { &r, take_records, look };
	struct eg_import *m = NULL;
	int rc = -1;

	if (eg_output_open(&r.out, STDOUT_FILENO, e) == 0 && eg_stop_install(e) == 0 &&
	    check_files(p, e) == 0 && eg_rejects_open(&r.rejects, common->rejects, e) == 0 &&
	    eg_metrics_open(&r.metrics, common, e) == 0 &&
	    (!(p->sort || p->unique) || (r.order = eg_sorter_open(p->sort, p->unique, e)) != NULL)) {
		r.rejects.unit = "rows";
		m = eg_import_new(&p->o, &r.rejects, &out, e);
		rc = m != NULL ? read_files(&r, p, m, n, e) : -1;
		look(&r, n);
		eg_rejects_close(&r.rejects, e);
		eg_info("%llu rows: %llu records, %llu rows outside --from and --to, %llu refused",
		    (unsigned long long)n->rows, (unsigned long long)n->records,
		    (unsigned long long)n->outside, (unsigned long long)n->refused);
		eg_metrics_close(&r.metrics, 0);
	}
	eg_import_free(m);
	eg_sorter_free(r.order);
	/* A reader that has gone away needs no message. */
	if (rc != 0 && r.out.gone)
		*e = (struct eg_error){ .status = EG_LOCAL_IO };
	return rc;
}

int
main(int argc, char *argv[])
{
	static struct options p = { .o = { .header = true, .delimiter = ',', .from_ns = INT64_MIN,
		.to_ns = INT64_MAX } };
	struct eg_options o = { .synopsis = "[options] shelly-em3 [FILE ...]\n"
		"       eg-import [options] csv --time COLUMN --value [NAME=]COLUMN [FILE ...]\n"
		"       eg-import [options] FORMAT [FILE ...]",
		.purpose = "Turn files of readings into records.", .table = table, .settings = &p,
		.rejects = true };
	static char iso[] = "iso";
	struct eg_import_counts n = { 0 };
	struct eg_error e = { 0 };
	int status;

	eg_diag_init("eg-import");
	take_form(&p.o, iso);
	parse(&p, &o, argc, argv);
	complete(&p);
	if (open_zone(&p, &e) != 0)
		return eg_report(&e);
	if (p.from != NULL)
		p.o.from_ns = bound(&p, "from", p.from);
	if (p.to != NULL)
		p.o.to_ns = bound(&p, "to", p.to);
	if (run(&p, &o.common, &n, &e) == 0 && e.status == EG_OK)
		status = n.refused > 0 || n.unfit_files > 0 ? EG_REFUSED : EG_OK;
	else
		status = *e.text == '\0' ? (int)e.status : eg_report(&e);
	eg_zone_free(p.o.zone);
	free(p.file);
	free(p.format_text);
	return status;
}
