/* SPDX-License-Identifier: MIT */
/* Files of readings as records: what eg-import does. */
#ifndef EG_IMPORT_H
#define EG_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "import/time_format.h"

struct eg_error;
struct eg_rejects;
struct eg_zone;

enum { EG_IMPORT_LIST = 8, EG_IMPORT_FORMS = 4, EG_IMPORT_VALUES = 512 };

/* A column of values: the end of its sensors' names (NULL: the column's own name), the
 * column, and the power of ten that its values are multiplied by. */
struct eg_import_value {
	const char *name, *column;
	int power;
};

/* Rows are kept where the column's text is this one (or, not equal, another). */
struct eg_import_where {
	const char *column, *text;
	bool equal;
};

/* How to read files. Texts stay the caller's. A column is its name, or its number from 1. */
struct eg_import_options {
	const char *time[EG_IMPORT_LIST];          /* columns joined by a blank */
	const char *sensor_column[EG_IMPORT_LIST]; /* columns joined by a slash */
	struct eg_import_value value[EG_IMPORT_VALUES];
	struct eg_import_where where[EG_IMPORT_LIST];
	const char *missing[EG_IMPORT_LIST]; /* words that stand for no value, beside null */
	bool every; /* each column that is not named otherwise holds values; `value` lists exceptions */
	int every_power;
	size_t times, sensor_columns, values, wheres, missings;
	const char *unit_from; /* the unit of values that are converted, or NULL */
	const char *sensor;    /* the name of all rows' sensor, or NULL */
	const char *prefix;    /* in front of every name */
	const char *encoding;  /* of iconv(3), NULL: UTF-8 */
	struct eg_time_format form[EG_IMPORT_FORMS]; /* tried in turn */
	size_t forms;          /* at least 1 */
	const char *form_text; /* the first one as it was given, for notes */
	struct eg_zone *zone;  /* of times without an offset; NULL: `offset` is theirs */
	int32_t offset;        /* seconds ahead of UTC */
	int64_t from_ns, to_ns; /* [from, to) is kept */
	int64_t shift_s;       /* added to each time */
	int64_t interval_s;    /* the last of `time`, or the name of a column, is the number of an
	                        * interval of this length, counted from 1 each day; 0: it is not */
	uint64_t head;         /* end after so many rows, and describe the columns; 0: no */
	char delimiter;        /* EG_CSV_BLANKS: any number of blanks */
	char thousands;        /* between groups of three digits, 0: none */
	bool comma;            /* the decimal point is a comma */
	bool header;           /* columns have names: the first line with all that are asked for */
	bool wide;             /* columns named by times hold values */
	bool known;            /* names of columns are alternatives with '|', in any case of letters */
	bool remarks;          /* a column's name may be followed by a remark in parentheses */
	bool phase;            /* the sensor is that remark */
	bool green_button;     /* XML of Green Button (ESPI), not CSV */
	bool nem12;            /* records of NEM12, not columns; wheres go by a reading's quality */
};

struct eg_import_counts {
	uint64_t rows, records, outside, refused, blank, filtered, skipped_lines, unfit_files, repeated;
	uint64_t written;   /* records that were given to eg_import_out's write */
	uint64_t estimated; /* records of estimates and substitutes, as a file says of them */
};

/* What takes records: whole lines. -1 with *e ends the import. */
struct eg_import_out {
	void *ctx;
	int (*write)(void *ctx, const char *lines, size_t len, struct eg_error *e);
	/* Called now and then; true: stop reading. */
	bool (*stop)(void *ctx, const struct eg_import_counts *counts);
	/* Called when all that could be read was written: blocks until fd can be read or a signal
	 * comes; may return earlier. -1 with *e ends the import. */
	int (*wait)(void *ctx, int fd, const struct eg_import_counts *counts, struct eg_error *e);
};

struct eg_import;

/* NULL with *e: out of memory. options, rejects and out stay the caller's. */
struct eg_import *eg_import_new(const struct eg_import_options *options, struct eg_rejects *rejects,
    const struct eg_import_out *out, struct eg_error *e);

/* Reads fd, named `shown` in messages, to its end. Blocks. A file that cannot be understood
 * is warned of and counted. -1 with *e when it cannot be read or the records not written. */
int eg_import_file(struct eg_import *m, int fd, const char *shown, struct eg_error *e);

/* Writes what is held back, and warns of what was left out. */
int eg_import_end(struct eg_import *m, struct eg_error *e);

/* The counters, also after an error. They stay m's. */
const struct eg_import_counts *eg_import_counts(const struct eg_import *m);

void eg_import_free(struct eg_import *m);

#endif
