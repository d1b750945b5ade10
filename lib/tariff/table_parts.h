/* SPDX-License-Identifier: MIT */
/* Shared by the files that read a table. Each function reports a fault with eg_config_wrong. */
#ifndef EG_TABLE_PARTS_H
#define EG_TABLE_PARTS_H

#include "base/config.h"
#include "tariff/table.h"

/* The state of reading a table. */
struct eg_table_reader {
	struct eg_config file;
	struct eg_table *t;
	struct eg_terms *terms; /* the last terms, which the lines fill */
	bool rules;             /* these terms have rules of their own */
	bool priced[EG_BANDS_MAX], fees[EG_FEES], taxed; /* prices, fees and VAT that these terms
							  * have given */
	bool any_rules;
	unsigned named[EG_BANDS_MAX]; /* line with a price for the band; 0: none */
	bool ruled[EG_BANDS_MAX];     /* a rule uses the band */
};

/* The number of a band; a new name is added. -1 if it is not a name of a band, or there are too
 * many. */
int eg_table_band(struct eg_table_reader *r, const char *name, struct eg_error *e);

/* Returns the next word of a line, as eg_config_word does; a word that begins with '#' ends the
 * line. */
char *eg_table_word(char **rest);

/* Reads a decimal in units of 10^-9 with at most `digits` digits after the point, from 0 (with
 * `negative`: -most) to most. what: its name in messages. */
int eg_table_number(const struct eg_table_reader *r, const char *text, int digits, bool negative,
    int64_t most, const char *what, struct eg_wide *out, struct eg_error *e);

/* Refuses a word that is left on the line. */
int eg_table_line_end(const struct eg_table_reader *r, char *rest, struct eg_error *e);

/* Reads a rule, after the name of the band: DAYS [HOURS] ... */
int eg_table_rule(struct eg_table_reader *r, int band, char *rest, struct eg_error *e);

/* Reads the text after `holiday`: dates and days after Easter. */
int eg_table_holidays(struct eg_table_reader *r, char *rest, struct eg_error *e);

/* Reads YYYY-MM-DD into *day, days since 1970-01-01. */
bool eg_table_date(const char *text, int64_t *day);

#endif
