/* SPDX-License-Identifier: MIT */
#include "base/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/number.h"

enum { DAY_MS = 86400 * 1000 };

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

static bool
is_long(const struct eg_option *row, const char *name, size_t len)
{
	return strlen(row->name) == len && memcmp(row->name, name, len) == 0;
}

/* The row of a letter, or of a long name where letter is 0; NULL: there is none. */
static const struct eg_option *
find(const struct eg_options *o, int letter, const char *name, size_t len)
{
	for (const struct eg_option *row = o->table; row->c != 0; row++)
		if (letter != 0 ? row->c == letter : is_long(row, name, len))
			return row;
	for (const struct eg_option *row = common; row->c != 0; row++)
		if (offered(o, row) && (letter != 0 ? row->c == letter : is_long(row, name, len)))
			return row;
	return NULL;
}

/* `--name`, `--name=value`, `--name value`. Names are not abbreviated: --token would be
 * --token-file, and take a token for a name that is shown. For the same reason a message
 * holds no more of a word than its name. */
static const struct eg_option *
take_long(const struct eg_options *o, int argc, char *argv[])
{
	const char *name = argv[optind++] + 2;
	size_t len = strcspn(name, "=");
	const struct eg_option *row = find(o, 0, name, len);
	char q[EG_QUOTE_MAX];

	if (row == NULL)
		eg_usage("unknown option %s", eg_quote(name - 2, len + 2, q));
	optarg = NULL;
	if (row->arg == NULL && name[len] == '=')
		eg_usage("'--%s' takes no argument", row->name);
	if (row->arg == NULL)
		return row;
	if (name[len] != '=' && optind == argc)
		eg_usage("'--%s' needs an argument", row->name);
	optarg = name[len] == '=' ? argv[optind - 1] + 2 + len + 1 : argv[optind++];
	return row;
}

/* `-x`, `-xvalue`, `-x value`, and several letters in one word. */
static const struct eg_option *
take_short(struct eg_options *o, int argc, char *argv[])
{
	char letter = *o->letters++;
	const struct eg_option *row = letter > 0 ? find(o, letter, NULL, 0) : NULL;

	if (row == NULL)
		eg_usage("unknown option '-%c'", letter > ' ' && letter < 0x7f ? letter : '?');
	optarg = NULL;
	if (row->arg != NULL) {
		optarg = o->letters;
		if (*optarg == '\0' && optind + 1 < argc)
			optarg = argv[++optind];
		else if (*optarg == '\0')
			eg_usage("'-%c' needs an argument", letter);
		o->letters = NULL;
	}
	if (o->letters == NULL || *o->letters == '\0') {
		o->letters = NULL;
		optind++;
	}
	return row;
}

int
eg_options_next(struct eg_options *o, int argc, char *argv[])
{
	const struct eg_option *row;

	if (optind == 1 && o->letters == NULL)
		o->common.grace_ms = 10 * 1000;
	do {
		if (o->letters == NULL) {
			char *word = optind < argc ? argv[optind] : NULL;

			if (word == NULL || word[0] != '-' || word[1] == '\0')
				return -1;
			if (strcmp(word, "--") == 0) {
				optind++;
				return -1;
			}
			o->letters = word[1] != '-' ? word + 1 : NULL;
		}
		row = o->letters != NULL ? take_short(o, argc, argv) : take_long(o, argc, argv);
	} while (take_common(o, row->c));
	return row->c;
}

/* Whether text can be an attempt at a number. What cannot is not shown: it may be a
 * password, after a letter that has another meaning elsewhere. */
static bool
like_a_number(const char *text)
{
	return strlen(text) < 24 && text[strspn(text, "0123456789.,:+-eEsmhdx ")] == '\0';
}

static _Noreturn void
bad_number(const char *name, enum eg_number why, const char *range)
{
	const char *what = why == EG_NUMBER_RANGE ? "out of the range" : "is not a number of the range";
	char q[EG_QUOTE_MAX];

	if (like_a_number(optarg))
		eg_usage("--%s: %s: %s %s", name, eg_quote(optarg, strlen(optarg), q), what, range);
	eg_usage("--%s: %s %s", name, what, range);
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
