/* SPDX-License-Identifier: MIT */
/* Draw records as a picture, or in the terminal.
 *
 * Reads records, and writes one picture, which gnuplot draws, or text. Memory holds sums over cells
 * of time, not the records. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/options.h"
#include "base/utf8.h"
#include "plot/run.h"

struct settings {
	struct eg_plot_options o;
	const char *size;
	const char **file;
	size_t files;
	int argc;
};

static void
select_sensor(void *to, char *arg)
{
	struct settings *s = to;

	if (s->o.sensor == NULL)
		s->o.sensor = calloc((size_t)s->argc, sizeof(*s->o.sensor));
	if (s->o.sensor == NULL)
		abort();
	s->o.sensor[s->o.sensors++] = arg;
}

#define INTO(type, m, ...) type(struct settings, m, __VA_ARGS__)
#define TEXT(m) EG_TEXT(struct settings, m)
static const struct eg_option table[] = {
	{ 'a', "aggregate", "FUNCTION", "of a slot's readings: sum, mean, min or max (by the unit)",
		INTO(EG_CHOICE, o.fold, EG_PLOT_FOLDS) },
	{ 'e', "every", "SLOT", "bars: 15m to 1d, 1w, 1mo or 1y; duration: to 1d", TEXT(o.every) },
	{ 'g', "gap", "DURATION", "break a line where readings are further apart",
		INTO(EG_DURATION, o.gap_ns, 1, 36500 * EG_DAY_MS), .unit = EG_NS_PER_MS },
	{ 'k', "kind", "KIND", "lines, bars, calendar, heat, day, week or duration",
		INTO(EG_CHOICE, o.kind, EG_PLOT_KINDS), .preset = "lines" },
	{ 'l', "last-year", NULL, "bars: the last year, and the year before behind it",
		EG_FLAG(struct settings, o.last_year) },
	{ 'M', "meters", "FILE", "units and names of the sensors, see energyguard-meters(5)",
		TEXT(o.meters) },
	{ 'o', "output", "FILE", "a picture FILE.png or FILE.svg, or a script FILE.gp",
		TEXT(o.output) },
	{ 's', "sensor", "NAME", "only this sensor, as 'house*'; may be given several times",
		EG_CALL(select_sensor) },
	{ 'S', "size", "WxH", "of the picture in pixels, or of the text in characters", TEXT(size) },
	{ 't', "title", "TEXT", "above the picture", TEXT(o.title) },
	{ 'u', "unit", "TEXT", "of the values (by the meters, the names, or W)", TEXT(o.unit) },
	{ 'z', "tz", "ZONE", "time zone of the picture, as Europe/Rome", TEXT(o.zone), .preset = "UTC" },
	{ 0 },
};

static bool
ends_in(const char *s, const char *end)
{
	size_t len = strlen(s), n = strlen(end);

	return len > n && strcmp(s + len - n, end) == 0;
}

/* Reads a number of 10 to 9999 at *s, and moves *s to its end; 0: none. */
static int
side(const char **s)
{
	size_t digits = strspn(*s, "0123456789");
	int n = 0;

	if (digits < 2 || digits > 4 || **s == '0')
		return 0;
	for (; digits > 0; digits--)
		n = n * 10 + (*(*s)++ - '0');
	return n;
}

/* The width of the terminal at standard output, in characters; 80 if it is not a terminal. */
static int
terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col < 9999 ? size.ws_col : 9999;
	return 80;
}

static void
set_size(struct settings *s)
{
	const char *at = s->size;

	s->o.width = s->o.output != NULL ? 1200 : terminal_width();
	s->o.height = s->o.output != NULL ? 600 : 0;
	if (at == NULL)
		return;
	s->o.width = side(&at);
	if (*at++ != 'x' || s->o.width == 0 || (s->o.height = side(&at)) == 0 || *at != '\0')
		eg_usage("--size: '%s' is not like 1200x600", s->size);
	if (s->o.output == NULL && s->o.width < 20)
		eg_usage("--size: text is 20 characters wide or more");
}

/* Checks a text that is drawn unchanged. */
static void
check_text(const char *name, const char *text)
{
	if (text != NULL && !eg_utf8_is_printable(text, strlen(text)))
		eg_usage("--%s: takes UTF-8 without control characters and marks of direction", name);
}

static void
check_options(struct settings *s)
{
	const struct eg_plot_options *o = &s->o;
	bool folds = o->kind != EG_PLOT_LINES && o->kind != EG_PLOT_DAY && o->kind != EG_PLOT_WEEK;

	if (o->output != NULL && !ends_in(o->output, ".png") && !ends_in(o->output, ".svg") &&
	    !ends_in(o->output, ".gp"))
		eg_usage("--output: '%s': want a name that ends in .png, .svg or .gp", o->output);
	if (o->every != NULL && o->kind != EG_PLOT_BARS && o->kind != EG_PLOT_DURATION)
		eg_usage("--every is for --kind bars and duration");
	if (o->kind == EG_PLOT_DURATION && o->every != NULL && strpbrk(o->every, "wy") != NULL)
		eg_usage("--every: slots of --kind duration are 1d at most");
	if (o->kind == EG_PLOT_DURATION && o->every != NULL && strstr(o->every, "mo") != NULL)
		eg_usage("--every: slots of --kind duration are 1d at most");
	if (o->last_year && o->kind != EG_PLOT_BARS)
		eg_usage("--last-year is for --kind bars");
	if (o->fold != EG_PLOT_AUTO && !folds)
		eg_usage("--aggregate is for --kind bars, calendar, heat and duration");
	check_text("title", o->title);
	check_text("unit", o->unit);
	set_size(s);
}

static void
parse_options(struct settings *s, struct eg_options *o, int argc, char *argv[])
{
	s->argc = argc;
	s->file = calloc((size_t)argc + 1, sizeof(*s->file));
	if (s->file == NULL)
		abort();
	while (eg_options_parse(o, argc, argv) < argc)
		s->file[s->files++] = argv[o->next++];
	check_options(s);
	for (size_t i = 0; i < s->files; i++) {
		eg_options_own(o, "an input", s->file[i], NULL);
		if (s->o.output != NULL && eg_file_same(s->o.output, s->file[i]))
			eg_usage("--output and an input name the same file, '%s'", s->o.output);
	}
	if (s->o.output != NULL)
		eg_options_own(o, "--output", s->o.output, NULL);
}

int
main(int argc, char *argv[])
{
	static struct settings s;
	struct eg_options o = { .synopsis = "[options] [FILE ...]",
		.purpose = "Draw records as a picture, or in the terminal.", .table = table, .settings = &s,
		.rejects = true };
	struct eg_error e = { 0 };
	uint64_t refused = 0;
	int status;

	eg_diag_init("eg-plot");
	parse_options(&s, &o, argc, argv);
	if (eg_plot_run(&s.o, s.file, s.files, &o.common, &refused, &e) == 0)
		status = refused > 0 ? EG_REFUSED : EG_OK;
	else
		status = *e.text == '\0' ? (int)e.status : eg_report(&e);
	free(s.file);
	free(s.o.sensor);
	return status;
}
