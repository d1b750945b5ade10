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

#define EG_WATCH_NAME_MAX 64 /* bytes of a rule's name */

enum eg_watch_kind {
	EG_WATCH_OVER,
	EG_WATCH_UNDER,
	EG_WATCH_SILENT,
	EG_WATCH_STUCK,
	EG_WATCH_STEP,
	EG_WATCH_UNUSUAL,
	EG_WATCH_KINDS
};

/* A line of the file. */
struct eg_watch_line {
	const char *pattern; /* of fnmatch(3), flags 0 */
	size_t len;
	bool glob;           /* it is more than a name */
	double limit;        /* over, under, step: the limit; stuck: the largest change; unusual: the factor */
	double until;        /* over, under: where it ends */
	int64_t ns;          /* over, under: for; silent, stuck: how long */
	double per_hour;     /* step: 0: values differ by more than limit; else the value is a register and
	                      * its change an hour, in units of the register, is at most this, and not
	                      * below 0 */
	int weeks;           /* unusual: how many of them are known */
	struct eg_week *week; /* when the line holds; NULL: always */
	unsigned line;       /* in the file */
};

/* Lines of one name, in the order of the file; all are of one kind. */
struct eg_watch_rule {
	const char *name;
	enum eg_watch_kind kind;
	struct eg_watch_line *line;
	size_t n, room;
};

struct eg_watch_rules {
	struct eg_config file; /* holds the texts */
	struct eg_watch_rule *rule;
	size_t n, room;
	struct eg_zone *zone;  /* of the hours; NULL: UTC */
};

/* Reads the file at path; blocks. -1 with EG_CONFIG, the path and the line's number. */
int eg_watch_rules_read(struct eg_watch_rules *r, const char *path, struct eg_error *e);

/* The same for a text of len bytes; path is the name for messages. */
int eg_watch_rules_parse(struct eg_watch_rules *r, const char *path, const char *text, size_t len,
    struct eg_error *e);

void eg_watch_rules_free(struct eg_watch_rules *r);

/* The word of a kind. Static storage. */
const char *eg_watch_kind_name(enum eg_watch_kind k);

/* The minute of the local week at the instant ns, 0 to EG_WEEK_MINUTES - 1. */
int eg_watch_minute(const struct eg_watch_rules *r, int64_t ns);

#endif
