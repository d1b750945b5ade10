/* SPDX-License-Identifier: MIT */
/* The rules of eg-watch, read from a file. See eg-watch(1). */
#ifndef EG_WATCH_RULES_H
#define EG_WATCH_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "base/week.h"

struct eg_error;
struct eg_zone;

#define EG_WATCH_NAME_MAX 64 /* longest name of a rule, in bytes */

enum eg_watch_kind {
	EG_WATCH_OVER,
	EG_WATCH_UNDER,
	EG_WATCH_SILENT,
	EG_WATCH_STUCK,
	EG_WATCH_STEP,
	EG_WATCH_UNUSUAL,
	EG_WATCH_KINDS
};

/* One line of the rules file. */
struct eg_watch_line {
	const char *pattern; /* for fnmatch(3) with flags 0 */
	size_t len;
	bool glob;           /* the pattern has wildcards */
	/* Over, under, step: the limit. Stuck: the largest change that still counts as stuck. Unusual:
	 * multiple of the usual deviation. */
	double limit;
	double until;        /* over, under: the value at which the alarm ends */
	/* Over, under: the time after `for`. Silent, stuck: the time after which the rule holds.
	 * In ns. */
	int64_t ns;
	/* Step: 0: compare the difference of two values with limit. Otherwise the value is a register:
	 * the largest rise per hour, in units of the register; a fall also breaks the rule. */
	double per_hour;
	int weeks;           /* unusual: weeks to learn before an hour can be unusual */
	struct eg_week *week; /* days and hours when the line applies; NULL: always */
	unsigned line;       /* line number in the file */
};

/* All lines with the same rule name, in the order of the file. They have the same kind. */
struct eg_watch_rule {
	const char *name;
	enum eg_watch_kind kind;
	struct eg_watch_line *line;
	size_t n, room;
};

struct eg_watch_rules {
	struct eg_config file; /* owns the text of the file */
	struct eg_watch_rule *rule;
	size_t n, room;
	struct eg_zone *zone;  /* time zone of days and hours; NULL: UTC */
};

/* Reads the file at path; blocks. -1 with EG_CONFIG, the path and the line's number. */
int eg_watch_rules_read(struct eg_watch_rules *r, const char *path, struct eg_error *e);

/* As eg_watch_rules_read, from len bytes of text. path is used in error messages. */
int eg_watch_rules_parse(struct eg_watch_rules *r, const char *path, const char *text, size_t len,
    struct eg_error *e);

void eg_watch_rules_free(struct eg_watch_rules *r);

/* The kind's keyword in the rules file. Static storage. */
const char *eg_watch_kind_name(enum eg_watch_kind k);

/* The minute of the local week at time ns, 0 to EG_WEEK_MINUTES - 1. */
int eg_watch_minute(const struct eg_watch_rules *r, int64_t ns);

#endif
