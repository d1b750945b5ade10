/* SPDX-License-Identifier: MIT */
/* Between the files that read a table. Each function says what is wrong by eg_config_wrong. */
#ifndef EG_TABLE_PARTS_H
#define EG_TABLE_PARTS_H

#include "base/config.h"
#include "tariff/table.h"

/* A table while it is read. */
struct eg_table_reader {
	struct eg_config file;
	struct eg_table *t;
	struct eg_terms *terms; /* the last ones, which lines fill in */
	bool rules;             /* these terms have rules of their own */
	bool priced[EG_BANDS_MAX], fees[EG_FEES], taxed; /* what these terms have given */
	bool any_rules;
	unsigned named[EG_BANDS_MAX]; /* the line of a price for the band; 0: none */
	bool ruled[EG_BANDS_MAX];     /* a rule names the band */
};

/* The number of a band, which is added if it is new. -1: no name of a band, or too many. */
int eg_table_band(struct eg_table_reader *r, const char *name, struct eg_error *e);

/* The next word of a line, as eg_config_word; a word that begins with '#' ends the line. */
char *eg_table_word(char **rest);

/* Reads a decimal in units of 10^-9 with at most so many digits behind the point, from 0 to
 * most, or from -most with `negative`. what: its name in the message. */
int eg_table_number(const struct eg_table_reader *r, const char *text, int digits, bool negative,
    int64_t most, const char *what, struct eg_wide *out, struct eg_error *e);

/* Refuses a word that is left in the line. */
int eg_table_line_end(const struct eg_table_reader *r, char *rest, struct eg_error *e);

/* Reads a rule behind the band's name: DAYS [HOURS] ... */
int eg_table_rule(struct eg_table_reader *r, int band, char *rest, struct eg_error *e);

/* Reads what follows `holiday`: dates and days after Easter. */
int eg_table_holidays(struct eg_table_reader *r, char *rest, struct eg_error *e);

/* Reads YYYY-MM-DD into *day, days since 1970-01-01. */
bool eg_table_date(const char *text, int64_t *day);

#endif
