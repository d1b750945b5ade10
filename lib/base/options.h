/* SPDX-License-Identifier: MIT */
/* Command-line options. A program has one table: parsing, defaults and --help come from it.
 * The options that all programs share are here. */
#ifndef EG_OPTIONS_H
#define EG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum eg_option_type {
	EG_OPTION_FLAG,     /* bool */
	EG_OPTION_TEXT,     /* const char *, of min to max bytes */
	EG_OPTION_INT,      /* an integer of 4 or 8 bytes, min to max */
	EG_OPTION_DOUBLE,   /* double, low to high */
	EG_OPTION_DURATION, /* int64_t: milliseconds from min to max, times unit (0: 1) */
	EG_OPTION_CHOICE,   /* int or an enum: the index in choices, words separated by blanks */
	EG_OPTION_CALL,     /* take is called with the place in the settings and the argument */
};

/* A row. Positional: its letter (0: none), its long name, the argument's name (NULL: it
 * takes none) and a line of help; then one of the macros below, and by name .preset. The
 * table ends with { 0 }. */
struct eg_option {
	char letter;
	const char *name, *arg, *help;
	enum eg_option_type type;
	size_t offset, size; /* where in the settings it is stored */
	int64_t min, max, unit;
	double low, high;
	const char *choices;
	void (*take)(void *to, char *arg);
	/* the default as text, shown by --help. NULL: the settings keep their value */
	const char *preset;
};

#define EG_INTO(s, m) .offset = offsetof(s, m), .size = sizeof(((s *)0)->m)
#define EG_FLAG(s, m) .type = EG_OPTION_FLAG, EG_INTO(s, m)
#define EG_TEXT(s, m) .type = EG_OPTION_TEXT, EG_INTO(s, m), .max = INT64_MAX
#define EG_NAME(s, m, least, most) .type = EG_OPTION_TEXT, EG_INTO(s, m), .min = (least), .max = (most)
#define EG_INT(s, m, least, most) .type = EG_OPTION_INT, EG_INTO(s, m), .min = (least), .max = (most)
#define EG_DOUBLE(s, m, least, most) \
	.type = EG_OPTION_DOUBLE, EG_INTO(s, m), .low = (least), .high = (most)
#define EG_DURATION(s, m, least, most) \
	.type = EG_OPTION_DURATION, EG_INTO(s, m), .min = (least), .max = (most)
#define EG_CHOICE(s, m, words) .type = EG_OPTION_CHOICE, EG_INTO(s, m), .choices = (words)
#define EG_CALL_AT(s, m, function) .type = EG_OPTION_CALL, EG_INTO(s, m), .take = (function)
#define EG_CALL(function) .type = EG_OPTION_CALL, .take = (function)

#define EG_DAY_MS (INT64_C(86400) * 1000)

/* What every program takes: --metrics, --progress, -v; one with rejects set in its
 * eg_options also --rejects; with peers, --grace and --timeout. Times in
 * milliseconds; timeout_ms 0 waits for ever. */
struct eg_common {
	const char *rejects;
	const char *metrics;
	bool progress;
	int verbose;
	int64_t timeout_ms;
	int64_t grace_ms;
};

struct eg_options {
	const char *synopsis;          /* behind the name: "[options] [-- command ...]" */
	const char *purpose;           /* one sentence, as in the page's .Nd */
	const struct eg_option *table; /* the program's own */
	void *settings;                /* where its rows are stored */
	bool rejects, peers;           /* which of the common ones it takes, see eg_common */
	struct eg_common common;       /* results of the common ones, with defaults set */
	/* The parser's own: */
	uint64_t given;                /* a bit for each row of the table that was given */
	int next;
	bool ended; /* `--` was read: all that follows are operands */
};

/* Reads options up to the first operand, and stores them. Returns the index of that operand in
 * argv, or argc; `--` ends the options and is skipped. For programs with options between
 * operands: set o->next to the index after the operands that were used, and call again. Stored
 * text points into argv. Long options cannot be abbreviated. --help and --version print and end
 * with 0; wrong usage prints one line and ends with 64. Call eg_diag_init first. */
int eg_options_parse(struct eg_options *o, int argc, char *argv[]);

/* Stores arg (NULL: it takes none) as the option of that long name would; false when the table
 * holds none. For settings from other places than the command line. A wrong value ends the
 * program with 64. */
bool eg_options_take(const struct eg_option *table, void *settings, const char *name, char *arg);

/* Whether the option of that long name was given. */
bool eg_options_given(const struct eg_options *o, const char *name);

/* Prints what is wrong with the command line (`--name: reason`) and ends the program with 64. */
_Noreturn void eg_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
