/* SPDX-License-Identifier: MIT */
/* Command-line options. Each program has one table, from which parsing, defaults and --help
 * follow. The options that all programs share are defined here. */
#ifndef EG_OPTIONS_H
#define EG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum eg_option_type {
	EG_OPTION_FLAG,     /* a bool */
	EG_OPTION_TEXT,     /* a const char *, min to max bytes long */
	EG_OPTION_INT,      /* an integer of 4 or 8 bytes, min to max */
	EG_OPTION_DOUBLE,   /* a double, low to high */
	EG_OPTION_DURATION, /* int64_t: milliseconds from min to max, times unit (0: 1) */
	EG_OPTION_CHOICE,   /* int or enum: index of the word in choices (blanks between words) */
	EG_OPTION_CALL,     /* calls take with the address in the settings and the argument */
};

/* A row of the table. In order: letter (0: none), long name, name of the argument (NULL: no
 * argument), one line of help. Then follows one of the macros below, and by name .preset. A row
 * { 0 } ends the table. */
struct eg_option {
	char letter;
	const char *name, *arg, *help;
	enum eg_option_type type;
	bool written;          /* the argument, FILE, is a file that the program writes */
	bool utf8;             /* a text: only UTF-8 without control characters */
	uint32_t offset, size; /* place in the settings */
	union {
		struct {
			int64_t min, max, unit;
		};
		struct {
			double low, high; /* of EG_OPTION_DOUBLE */
		};
		const char *choices;               /* of EG_OPTION_CHOICE */
		void (*take)(void *to, char *arg); /* of EG_OPTION_CALL */
	};
	/* default as text, shown by --help; NULL: the settings keep their value */
	const char *preset;
};

#define EG_INTO(s, m) .offset = offsetof(s, m), .size = sizeof(((s *)0)->m)
#define EG_FLAG(s, m) .type = EG_OPTION_FLAG, EG_INTO(s, m)
#define EG_TEXT(s, m) .type = EG_OPTION_TEXT, EG_INTO(s, m), .max = INT64_MAX
#define EG_NAME(s, m, least, most) \
	.type = EG_OPTION_TEXT, EG_INTO(s, m), .min = (least), .max = (most)
#define EG_INT(s, m, least, most) \
	.type = EG_OPTION_INT, EG_INTO(s, m), .min = (least), .max = (most)
#define EG_DOUBLE(s, m, least, most) \
	.type = EG_OPTION_DOUBLE, EG_INTO(s, m), .low = (least), .high = (most)
#define EG_DURATION(s, m, least, most) \
	.type = EG_OPTION_DURATION, EG_INTO(s, m), .min = (least), .max = (most)
#define EG_CHOICE(s, m, words) .type = EG_OPTION_CHOICE, EG_INTO(s, m), .choices = (words)
#define EG_CALL_AT(s, m, function) .type = EG_OPTION_CALL, EG_INTO(s, m), .take = (function)
#define EG_CALL(function) .type = EG_OPTION_CALL, .take = (function)

#define EG_DAY_MS (INT64_C(86400) * 1000)

/* Options that several programs share. All have --metrics, --progress and -v, unless bare is
 * set; --rejects if rejects is set in eg_options; --grace and --timeout if peers is set;
 * --listen and --unhealthy if listens is set. Times in milliseconds; timeout_ms 0: no limit. */
struct eg_common {
	const char *rejects;
	const char *metrics;
	const char *listen;
	int64_t unhealthy_ms;
	bool progress;
	int verbose;
	int64_t timeout_ms;
	int64_t grace_ms;
};

struct eg_options {
	const char *synopsis;          /* usage after the name: "[options] [-- command ...]" */
	const char *purpose;           /* one sentence, as in the page's .Nd */
	const struct eg_option *table; /* the program's own options */
	void *settings;                /* the struct that the rows of table fill */
	bool rejects, peers, listens, bare; /* which shared options the program has, see eg_common */
	struct eg_common common;       /* values of the shared options, with their defaults */
	/* private to the parser: */
	uint64_t given;                /* one bit per row of the table: the option was given */
	const char *file[64];          /* for each given row whose argument is a FILE: the
				        * argument */
	int next;
	bool ended; /* `--` was read: all later arguments are operands */
};

/* Reads options up to the first operand and stores them. Returns the index of that operand in
 * argv, or argc. `--` ends the options and is skipped. If options may follow operands: set
 * o->next to the index after the operands that were used, and call this again. Stored text
 * points into argv. Long options cannot be abbreviated. --help and --version print and exit with
 * 0; wrong usage, and what eg_options_files finds, prints one line and exits with 64. Call
 * eg_diag_init first. */
int eg_options_parse(struct eg_options *o, int argc, char *argv[]);

/* Stores arg (NULL: no argument) as the option with that long name does; for settings that do
 * not come from the command line. Returns false if the table has no such option. A wrong value
 * ends the program with 64. */
bool eg_options_take(const struct eg_option *table, void *settings, const char *name, char *arg);

/* Ends the program with 64 if a file that an option writes (--metrics, --rejects, rows with
 * .written) is standard input or output, or the file of another option whose argument is FILE.
 * Devices are excepted. */
void eg_options_files(const struct eg_options *o);

/* The same if it is a file that the program uses otherwise: path with one of these ends, a list
 * that ends with NULL (ends NULL: path itself). what: "the store", for the message. */
void eg_options_own(const struct eg_options *o, const char *what, const char *path,
    const char *const ends[]);

/* Whether the option of that long name was given. */
bool eg_options_given(const struct eg_options *o, const char *name);

/* Prints the error in the command line (`--name: reason`) and exits with 64. */
void eg_usage(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* The same for a word `--name` or `--name=value` that is no option. Shows of it only what cannot be
 * a secret. */
void eg_usage_unknown(const char *word) __attribute__((noreturn));

#endif
