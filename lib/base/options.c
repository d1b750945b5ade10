/* SPDX-License-Identifier: MIT */
/* Command-line options: one table a program feeds getopt_long(3) and --help. */
#include "base/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/number.h"

enum { MAX_OPTIONS = 64, DAY_MS = 86400 * 1000 };

enum { OPT_GRACE = 1000, OPT_METRICS, OPT_PROGRESS, OPT_REJECTS, OPT_TIMEOUT };

static const struct eg_option common[] = {
	{ OPT_GRACE, "grace", "DURATION", "after SIGTERM, settle what is in flight this long (10s)" },
	{ 'h', "help", NULL, "print this and exit" },
	{ OPT_METRICS, "metrics", "FILE", "keep counters in FILE, as Prometheus reads them" },
	{ OPT_PROGRESS, "progress", NULL, "tell on standard error how it goes, each second" },
	{ OPT_REJECTS, "rejects", "FILE", "append what is refused for good to FILE" },
	{ OPT_TIMEOUT, "timeout", "DURATION", "give up when a peer is away this long (never)" },
	{ 'v', "verbose", NULL, "say more; print the counters at the end" },
	{ 'V', "version", NULL, "print the version and exit" },
	{ 0, NULL, NULL, NULL },
};

void
eg_usage(const char *fmt, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	eg_fatal("%s; see %s --help", text, eg_program());
	exit(EG_USAGE);
}

static bool
offered(const struct eg_options *o, const struct eg_option *row)
{
	if (row->c == OPT_REJECTS)
		return o->rejects;
	return o->peers || (row->c != OPT_TIMEOUT && row->c != OPT_GRACE);
}

static void
print_row(const struct eg_option *row)
{
	char left[64];
	int n;

	n = row->c < 256 ? snprintf(left, sizeof(left), "  -%c, --%s", row->c, row->name)
	                 : snprintf(left, sizeof(left), "      --%s", row->name);
	if (row->arg != NULL)
		snprintf(left + n, sizeof(left) - (size_t)n, " %s", row->arg);
	printf("%-30s %s\n", left, row->help);
}

static _Noreturn void
finish(void)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		eg_fatal("cannot write to standard output: %s", strerror(errno));
		exit(EG_LOCAL_IO);
	}
	exit(EG_OK);
}

static _Noreturn void
help(const struct eg_options *o)
{
	printf("usage: %s %s\n%s\n\n", eg_program(), o->synopsis, o->purpose);
	for (const struct eg_option *row = o->table; row->c != 0; row++)
		print_row(row);
	putchar('\n');
	for (const struct eg_option *row = common; row->c != 0; row++)
		if (offered(o, row))
			print_row(row);
	finish();
}

static void
add_rows(const struct eg_options *o, const struct eg_option *row, struct option *lo,
    char *so, size_t *n)
{
	for (; row->c != 0; row++) {
		if (row >= common && row < common + sizeof(common) / sizeof(common[0]) &&
		    !offered(o, row))
			continue;
		if (*n == MAX_OPTIONS)
			abort();
		lo[(*n)++] = (struct option){ row->name,
			row->arg != NULL ? required_argument : no_argument, NULL, row->c };
		if (row->c < 256) {
			char flag[3] = { (char)row->c, row->arg != NULL ? ':' : '\0', '\0' };

			memcpy(so + strlen(so), flag, strlen(flag) + 1);
		}
	}
}

/* Serves a common option; false when c is the program's own. */
static bool
take_common(struct eg_options *o, int c)
{
	struct eg_common *m = &o->common;

	switch (c) {
	case OPT_GRACE:
		m->grace_ms = eg_option_duration("grace", 0, DAY_MS);
		return true;
	case OPT_METRICS:
		m->metrics = optarg;
		return true;
	case OPT_PROGRESS:
		m->progress = true;
		return true;
	case OPT_REJECTS:
		m->rejects = optarg;
		return true;
	case OPT_TIMEOUT:
		m->timeout_ms = eg_option_duration("timeout", 1, (int64_t)365 * DAY_MS);
		return true;
	case 'v':
		eg_diag_verbose(++m->verbose);
		return true;
	case 'h':
		help(o);
	case 'V':
		printf("%s %s\n", eg_program(), EG_VERSION);
		finish();
	default:
		return false;
	}
}

/* getopt_long leaves the number of an option that was given an argument it does not
 * take in optopt, an unknown letter as well, and 0 for an unknown long name. */
static _Noreturn void
not_taken(const struct option *lo, const char *arg)
{
	for (; lo->name != NULL; lo++)
		if (optopt != 0 && lo->val == optopt)
			eg_usage("'--%s' takes no argument", lo->name);
	if (optopt != 0)
		eg_usage("unknown option '-%c'", optopt);
	eg_usage("unknown option '%s'", arg);
}

int
eg_options_next(struct eg_options *o, int argc, char *argv[])
{
	struct option lo[MAX_OPTIONS + 1] = { 0 };
	char so[2 * MAX_OPTIONS + 8] = "+:";
	size_t n = 0;
	int c;

	if (optind == 1)
		o->common.grace_ms = 10 * 1000;
	add_rows(o, o->table, lo, so, &n);
	add_rows(o, common, lo, so, &n);
	opterr = 0;
	do {
		c = getopt_long(argc, argv, so, lo, NULL);
		if (c == ':')
			eg_usage("'%s' needs an argument", argv[optind - 1]);
		if (c == '?')
			not_taken(lo, argv[optind - 1]);
	} while (c != -1 && take_common(o, c));
	return c;
}

static _Noreturn void
bad_number(const char *name, enum eg_number why, const char *range)
{
	char q[EG_QUOTE_MAX];

	eg_usage("--%s: %s: %s %s", name, eg_quote(optarg, strlen(optarg), q),
	    why == EG_NUMBER_RANGE ? "out of the range" : "is not a number of the range", range);
}

int64_t
eg_option_int(const char *name, int64_t min, int64_t max)
{
	char range[64];
	int64_t v = 0;
	enum eg_number why = eg_int_parse(optarg, min, max, &v);

	if (why != EG_NUMBER_OK) {
		snprintf(range, sizeof(range), "%lld..%lld", (long long)min, (long long)max);
		bad_number(name, why, range);
	}
	return v;
}

double
eg_option_double(const char *name, double min, double max)
{
	char range[64];
	double v = 0;
	enum eg_number why = eg_double_parse(optarg, min, max, &v);

	if (why != EG_NUMBER_OK) {
		snprintf(range, sizeof(range), "%g..%g", min, max);
		bad_number(name, why, range);
	}
	return v;
}

int64_t
eg_option_duration(const char *name, int64_t min_ms, int64_t max_ms)
{
	char range[96];
	int64_t v = 0;
	enum eg_number why = eg_duration_parse(optarg, min_ms, max_ms, &v);

	if (why != EG_NUMBER_OK) {
		snprintf(range, sizeof(range), "%gs..%gs (units: ms, s, m, h, d)",
		    (double)min_ms / 1000, (double)max_ms / 1000);
		bad_number(name, why, range);
	}
	return v;
}
