/* SPDX-License-Identifier: MIT */
/* Shared by the files of lib/import; no other file includes it. */
#ifndef EG_IMPORT_PARTS_H
#define EG_IMPORT_PARTS_H

#include "base/diag.h"
#include "base/rejects.h"
#include "base/slice.h"
#include "import/csv.h"
#include "import/import.h"
#include "import/repeated.h"
#include "import/sensors.h"
#include "record/record.h"

enum { EG_IMPORT_CELLS = 4096, EG_IMPORT_HELD = 100, EG_IMPORT_FOOTERS = 50 };

/* A column of values in the current file. */
struct eg_import_cell {
	size_t at;    /* index of its field in a row */
	size_t value; /* which suffix, in the order of values */
	int power;    /* of ten, its values are multiplied by it */
	struct eg_clock_reading time; /* wide: the time of day, or the instant, in its name */
};

/* A copy of a row that is imported or refused later. */
struct eg_import_held {
	char *raw;
	size_t len;
	uint64_t lineno;
	char reason[120];
	bool remark; /* totals or prose: no fault at the end of the file */
};

struct eg_import {
	const struct eg_import_options *o;
	const struct eg_import_out *out;
	struct eg_import_wait wait; /* calls out->wait, after all records were written */
	struct eg_rejects *rejects;
	struct eg_sensors *sensors;
	struct eg_repeated *repeated;
	struct eg_import_counts n;
	struct eg_zone *zone;
	char *text; /* records not yet written */
	size_t len, room;
	char time[EG_TIME_SIZE]; /* of the last record */
	int64_t day_ns;          /* when its UTC day began; INT64_MIN: there was none */
	size_t fields_most; /* of joined fields */
	char *joined;
	size_t joined_room;

	/* For the current file. */
	const char *shown;
	struct eg_csv csv;
	struct eg_sniffed sniffed; /* what it looks like besides CSV; what: NULL, nothing */
	uint64_t header;  /* hash of the header's line */
	char file_fault[200]; /* why its rows are refused, or empty */
	bool ready;       /* the header was found */
	bool behind;      /* the next row is the first one after the header */
	bool annotated;   /* each of its tables has a header, after lines with # */
	bool wide_instants; /* columns are named by whole times */
	size_t width;
	size_t time_at[EG_IMPORT_LIST], sensor_at[EG_IMPORT_LIST], where_at[EG_IMPORT_LIST];
	char suffix[EG_IMPORT_VALUES][256];
	const char *unit[EG_IMPORT_VALUES]; /* of those values, where an option or a name says it; or NULL */
	struct eg_import_cell *cell;
	size_t cells, cells_room;
	char phase[64];
	struct eg_import_held held[EG_IMPORT_HELD]; /* before the header is found; then: footers */
	size_t helds;
};

/* Finds the columns in row: the header or, in a file without one, the first row. must: treat
 * the row as the header in any case. Returns 1: columns found; 0: not the header; -1: out of
 * memory. Sets file_fault to the reason when the file cannot be imported. */
int eg_import_columns(struct eg_import *m, const struct eg_csv_row *row, bool must,
    struct eg_error *e);

/* Prints the columns, for --head. */
void eg_import_describe(const struct eg_import *m, const struct eg_csv_row *header);

/* Converts a row into records: all of them, or none. -1 with *e when the import must end. */
int eg_import_row(struct eg_import *m, const struct eg_csv_row *row, struct eg_error *e);

/* Appends the record of a value to m->text: its sensor is the one gotten last, its suffix
 * m->suffix[i], its value the text times 10^power. Returns NULL, or why it is none. */
const char *eg_import_put(struct eg_import *m, size_t i, int power, struct eg_slice text,
    const char *time, size_t time_len, uint64_t lineno);

/* Allocates room for one more record in m->text. -1 with EG_BUG. */
int eg_import_reserve(struct eg_import *m, struct eg_error *e);

/* Writes an instant into m->time, as eg_time_format does, and returns its length. Most rows are
 * of the same day as the row above, whose date is kept: a tenth of the work of a row. */
size_t eg_import_time_text(struct eg_import *m, int64_t ns);

/* Writes m->text if it is long or always is set, after the rows that were refused before. -1 with
 * *e when it cannot be written. */
int eg_import_flush(struct eg_import *m, bool always, struct eg_error *e);

/* Imports a Green Button file, as eg_import_file does. */
int eg_import_green_button(struct eg_import *m, int fd, struct eg_error *e);

/* Imports a NEM12 file, whose reader is open, as eg_import_file does. */
int eg_import_nem12(struct eg_import *m, struct eg_error *e);

/* What a clock showed as nanoseconds since 1970, shifted by --shift. Returns NULL, or why there
 * is no such instant. */
const char *eg_import_instant(struct eg_import *m, struct eg_sensor *sensor,
    const struct eg_clock_reading *r, int64_t *ns);

/* Reads the number of an interval, counted from 1, of which letters may stand in front: `7`,
 * `H07`. Returns NULL, or why it is none. */
const char *eg_import_interval_number(struct eg_slice s, int64_t *n);

/* The instant, as eg_import_instant gives it, at which interval n of a date begins; the day's
 * length is that of the zone's clocks. Returns NULL, or why there is none. */
const char *eg_import_interval_instant(struct eg_import *m, const struct eg_clock_reading *date,
    int64_t n, int64_t *ns);

/* Reads a time in the first of the options' forms that fits. Returns NULL, or why the first
 * form does not fit. */
const char *eg_import_time(const struct eg_import_options *o, struct eg_slice s,
    struct eg_clock_reading *r);

/* Refuses a row. */
int eg_import_refuse(struct eg_import *m, uint64_t lineno, const char *raw, size_t len,
    const char *reason, struct eg_error *e);

/* Prints a warning and refuses the remaining rows of the file. */
void eg_import_spoil(struct eg_import *m, uint64_t lineno, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Reads the value of a cell into out, EG_VALUE_MAX bytes, and its length into *n. Returns
 * NULL, or the reason why the cell is refused. */
const char *eg_import_number(const struct eg_import_options *o, struct eg_slice cell, int power,
    char *out, size_t *n);

#endif
