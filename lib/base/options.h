/* SPDX-License-Identifier: MIT */
/* Command-line options: one table a program, for parsing and for --help, and the options
 * that all programs share. Long options are not abbreviated. */
#ifndef EG_OPTIONS_H
#define EG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* A row: its letter (or, from 256 on, a number for an option without one), long
 * name, the argument's name or NULL, and a line of help. The table ends with c 0. */
struct eg_option {
	int c;
	const char *name;
	const char *arg;
	const char *help;
};

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
	bool rejects, peers;           /* which of the common ones it takes, see eg_common */
	struct eg_common common;       /* results of the common ones, with defaults set */
	char *letters;                 /* the parser's own: what is left of a word of them */
};

/* Returns the next option's c with its argument in optarg, or -1 behind the
 * last, with optind at the first operand (`--` honoured, nothing permuted).
 * Serves the common ones itself: --help and --version print and end with 0, as
 * wrong usage prints one line and ends with 64. Call eg_diag_init first. */
int eg_options_next(struct eg_options *o, int argc, char *argv[]);

/* Complains of the option's argument (`--name: 'text': reason`) and exits 64. */
_Noreturn void eg_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* optarg as a number of the option named name in min..max, or exit 64. */
int64_t eg_option_int(const char *name, int64_t min, int64_t max);
double eg_option_double(const char *name, double min, double max);
int64_t eg_option_duration(const char *name, int64_t min_ms, int64_t max_ms);

#endif
