/* SPDX-License-Identifier: MIT */
#include "base/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/number.h"
#include "base/utf8.h"

static _Noreturn void finish_help(void);

static void
take_verbose(void *settings, char *arg)
{
	struct eg_common *c = settings;

	(void)arg;
	eg_diag_verbose(++c->verbose);
}

static void
take_version(void *settings, char *arg)
{
	(void)settings;
	(void)arg;
	printf("%s %s\n", eg_program(), EG_VERSION);
	finish_help();
}

/* Marks the row of --help. eg_options_parse prints the help, since it needs the whole table. */
static void
take_help(void *settings, char *arg)
{
	(void)settings;
	(void)arg;
}

static const struct eg_option common[] = {
	{ 0, "grace", "DURATION", "after SIGTERM, settle what is in flight this long",
		EG_DURATION(struct eg_common, grace_ms, 0, EG_DAY_MS), .preset = "10s" },
	{ 'h', "help", NULL, "print this and exit", EG_CALL(take_help) },
	{ 0, "listen", "ADDRESS", "serve health and counters at [ADDRESS:]PORT, see eg-health",
		EG_NAME(struct eg_common, listen, 1, INT64_MAX) },
	{ 0, "metrics", "FILE", "keep counters in FILE, as Prometheus reads them",
		EG_TEXT(struct eg_common, metrics) },
	{ 0, "progress", NULL, "print counters on standard error each second",
		EG_FLAG(struct eg_common, progress) },
	{ 0, "rejects", "FILE", "append what is refused for good to FILE",
		EG_TEXT(struct eg_common, rejects) },
	{ 0, "timeout", "DURATION", "give up when a peer is away this long (never)",
		EG_DURATION(struct eg_common, timeout_ms, 1, 365 * EG_DAY_MS) },
	{ 0, "unhealthy", "DURATION", "unhealthy after so long without a receipt",
		EG_DURATION(struct eg_common, unhealthy_ms, 2000, EG_DAY_MS), .preset = "60s" },
	{ 'v', "verbose", NULL, "print more messages, and the counters at the end",
		EG_CALL(take_verbose) },
	{ 'V', "version", NULL, "print the version and exit", EG_CALL(take_version) },
	{ 0 },
};

static bool
is_common(const struct eg_option *row)
{
	return row >= common && row < common + sizeof(common) / sizeof(common[0]);
}

static bool
offered(const struct eg_options *o, const struct eg_option *row)
{
	if (!is_common(row))
		return true;
	if (strcmp(row->name, "rejects") == 0)
		return o->rejects;
	if (strcmp(row->name, "metrics") == 0 || strcmp(row->name, "progress") == 0)
		return !o->bare;
	if (strcmp(row->name, "listen") == 0 || strcmp(row->name, "unhealthy") == 0)
		return o->listens;
	return o->peers || (strcmp(row->name, "timeout") != 0 && strcmp(row->name, "grace") != 0);
}

static void
print_row(const struct eg_option *row)
{
	char left[64];
	int n;

	n = row->letter != 0 ? snprintf(left, sizeof(left), "  -%c, --%s", row->letter, row->name)
	                     : snprintf(left, sizeof(left), "      --%s", row->name);
	if (row->arg != NULL)
		snprintf(left + n, sizeof(left) - (size_t)n, " %s", row->arg);
	printf("%-30s %s", left, row->help);
	if (row->preset != NULL && *row->preset != '\0')
		printf(" (%s)", row->preset);
	putchar('\n');
}

static _Noreturn void
finish_help(void)
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
	for (const struct eg_option *row = o->table; row->name != NULL; row++)
		print_row(row);
	putchar('\n');
	for (const struct eg_option *row = common; row->name != NULL; row++)
		if (offered(o, row))
			print_row(row);
	finish_help();
}

/* Whether text looks like a number. Only numbers are quoted in messages: other text may be a
 * password that was given to the wrong option. */
static bool
like_a_number(const char *text)
{
	return strlen(text) < 24 && text[strspn(text, "0123456789.,:+-eEsmhdx ")] == '\0';
}

static _Noreturn void
bad_number(const struct eg_option *row, const char *arg, enum eg_number why, const char *range)
{
	const char *what = why == EG_NUMBER_RANGE ? "out of the range" : "is not a number of the range";
	char q[EG_QUOTE_MAX];

	if (like_a_number(arg))
		eg_usage("--%s: %s: %s %s", row->name, eg_quote(arg, strlen(arg), q), what, range);
	eg_usage("--%s: %s %s", row->name, what, range);
}

static void
store_int(const struct eg_option *row, char *to, int64_t v)
{
	int32_t small = (int32_t)v; /* the same bits also for an unsigned member */

	if (row->size == sizeof(small))
		memcpy(to, &small, sizeof(small));
	else
		memcpy(to, &v, sizeof(v));
}

static void
take_int(const struct eg_option *row, char *to, const char *arg)
{
	char range[64];
	int64_t v = 0;
	enum eg_number why = eg_int_parse(arg, row->min, row->max, &v);

	if (why != EG_NUMBER_OK) {
		snprintf(range, sizeof(range), "%lld..%lld", (long long)row->min, (long long)row->max);
		bad_number(row, arg, why, range);
	}
	store_int(row, to, v);
}

static void
take_double(const struct eg_option *row, char *to, const char *arg)
{
	char range[64];
	double v = 0;
	enum eg_number why = eg_double_parse(arg, row->low, row->high, &v);

	if (why != EG_NUMBER_OK) {
		snprintf(range, sizeof(range), "%g..%g", row->low, row->high);
		bad_number(row, arg, why, range);
	}
	memcpy(to, &v, sizeof(v));
}

static void
take_duration(const struct eg_option *row, char *to, const char *arg)
{
	char range[96];
	int64_t v = 0;
	enum eg_number why = eg_duration_parse(arg, row->min, row->max, &v);

	if (why != EG_NUMBER_OK) {
		snprintf(range, sizeof(range), "%gs..%gs (units: ms, s, m, h, d)",
		    (double)row->min / 1000, (double)row->max / 1000);
		bad_number(row, arg, why, range);
	}
	v *= row->unit != 0 ? row->unit : 1;
	memcpy(to, &v, sizeof(v));
}

static void
store_text(const struct eg_option *row, char *to, const char *arg)
{
	size_t len = arg != NULL ? strlen(arg) : 0;

	if (len == 0 && row->min > 0 && row->max == INT64_MAX)
		eg_usage("--%s: must not be empty", row->name);
	if ((int64_t)len < row->min || (int64_t)len > row->max)
		eg_usage("--%s: must have %lld to %lld bytes", row->name, (long long)row->min,
		    (long long)row->max);
	if (row->utf8 && !eg_utf8_is_text(arg, len))
		eg_usage("--%s: want UTF-8 without control characters", row->name);
	memcpy(to, &arg, sizeof(arg));
}

static void
take_choice(const struct eg_option *row, char *to, const char *arg)
{
	size_t len = strlen(arg);
	int32_t n = 0;

	for (const char *word = row->choices; *word != '\0'; n++) {
		size_t k = strcspn(word, " ");

		if (k == len && memcmp(word, arg, len) == 0) {
			memcpy(to, &n, sizeof(n));
			return;
		}
		word += k + (word[k] == ' ');
	}
	eg_usage("--%s: want one of: %s", row->name, row->choices);
}

/* Stores arg; NULL: the option has no argument. */
static void
store_argument(void *settings, const struct eg_option *row, char *arg)
{
	char *to = (char *)settings + row->offset;
	bool yes = true;

	switch (row->type) {
	case EG_OPTION_FLAG:
		memcpy(to, &yes, sizeof(yes));
		break;
	case EG_OPTION_TEXT:
		store_text(row, to, arg);
		break;
	case EG_OPTION_INT:
		take_int(row, to, arg);
		break;
	case EG_OPTION_DOUBLE:
		take_double(row, to, arg);
		break;
	case EG_OPTION_DURATION:
		take_duration(row, to, arg);
		break;
	case EG_OPTION_CHOICE:
		take_choice(row, to, arg);
		break;
	case EG_OPTION_CALL:
		row->take(to, arg);
		break;
	}
}

/* Parses presets as if the user gave them, so their range is checked, too. */
static void
set_presets(void *settings, const struct eg_option *row)
{
	for (; row->name != NULL; row++)
		if (row->preset != NULL && row->type != EG_OPTION_CALL && row->type != EG_OPTION_FLAG) {
			const char *preset = row->preset;

			store_argument(settings, row, (char *)(uintptr_t)preset);
		}
}

static bool
is_long(const struct eg_option *row, const char *name, size_t len)
{
	return strlen(row->name) == len && memcmp(row->name, name, len) == 0;
}

/* The row with this letter or, if letter is 0, with this long name; NULL: none. */
static const struct eg_option *
find_option(const struct eg_options *o, char letter, const char *name, size_t len)
{
	const struct eg_option *tables[] = { o->table, common };

	for (size_t i = 0; i < 2; i++)
		for (const struct eg_option *row = tables[i]; row->name != NULL; row++)
			if (offered(o, row) &&
			    (letter != 0 ? row->letter == letter : is_long(row, name, len)))
				return row;
	return NULL;
}

static void
serve(struct eg_options *o, const struct eg_option *row, char *arg)
{
	if (row->type == EG_OPTION_CALL && row->take == take_help)
		help(o);
	if (is_common(row)) {
		store_argument(&o->common, row, arg);
		return;
	}
	o->given |= UINT64_C(1) << (row - o->table);
	if (row->arg != NULL && strcmp(row->arg, "FILE") == 0)
		o->file[row - o->table] = arg;
	store_argument(o->settings, row, arg);
}

/* Handles `--name`, `--name=value` and `--name value`. Names cannot be abbreviated: otherwise
 * --token would mean --token-file, and the token would be shown as the name of a missing file.
 * For the same reason messages quote only the name of an option, never its value. */
static void
take_long(struct eg_options *o, int argc, char *argv[])
{
	char *word = argv[o->next++], *name = word + 2;
	size_t len = strcspn(name, "=");
	const struct eg_option *row = find_option(o, 0, name, len);

	if (row == NULL)
		eg_usage_unknown(word);
	if (row->arg == NULL && name[len] == '=')
		eg_usage("'--%s' takes no argument", row->name);
	if (row->arg == NULL)
		serve(o, row, NULL);
	else if (name[len] == '=')
		serve(o, row, name + len + 1);
	else if (o->next == argc)
		eg_usage("'--%s' needs an argument", row->name);
	else
		serve(o, row, argv[o->next++]);
}

/* Handles `-x`, `-xvalue`, `-x value`, and several letters in one argument. */
static void
take_short(struct eg_options *o, int argc, char *argv[])
{
	for (char *at = argv[o->next++] + 1; *at != '\0'; at++) {
		const struct eg_option *row = find_option(o, *at, "", 0);

		if (row == NULL)
			eg_usage("unknown option '-%c'", *at > ' ' && *at < 0x7f ? *at : '?');
		if (row->arg == NULL) {
			serve(o, row, NULL);
			continue;
		}
		if (at[1] == '\0' && o->next == argc)
			eg_usage("'-%c' needs an argument", *at);
		serve(o, row, at[1] != '\0' ? at + 1 : argv[o->next++]);
		return;
	}
}

int
eg_options_parse(struct eg_options *o, int argc, char *argv[])
{
	if (o->next == 0) {
		o->next = 1;
		set_presets(&o->common, common);
		set_presets(o->settings, o->table);
	}
	while (!o->ended && o->next < argc) {
		const char *word = argv[o->next];

		if (word[0] != '-' || word[1] == '\0')
			break;
		if (strcmp(word, "--") == 0) {
			o->next++;
			o->ended = true;
		} else if (word[1] == '-')
			take_long(o, argc, argv);
		else
			take_short(o, argc, argv);
	}
	eg_options_files(o);
	return o->next;
}

bool
eg_options_take(const struct eg_option *table, void *settings, const char *name, char *arg)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0) {
			store_argument(settings, table, arg);
			return true;
		}
	return false;
}

bool
eg_options_given(const struct eg_options *o, const char *name)
{
	for (size_t i = 0; o->table[i].name != NULL; i++)
		if (strcmp(o->table[i].name, name) == 0)
			return (o->given >> i & 1) != 0;
	return false;
}
