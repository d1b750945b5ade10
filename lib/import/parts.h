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

enum { EG_IMPORT_CELLS = 4096, EG_IMPORT_HELD = 100, EG_IMPORT_FOOTERS = 50,
	EG_IMPORT_WHY = 200 };

/* A column of values in the current file. */
struct eg_import_cell {
	size_t at;    /* index of its field in a row */
	size_t value; /* index of its suffix in `value` */
	int power;    /* power of ten by which its values are multiplied */
	struct eg_clock_reading time; /* wide: time of day, or instant, in the column's name */
};

/* A copy of a row that is imported or refused later. */
struct eg_import_held {
	char *raw;
	size_t len;
	uint64_t lineno;
	char reason[120];
	bool remark; /* it may be a total or a remark, which are skipped at the end of the file */
};

struct eg_import {
	const struct eg_import_options *o;
	const struct eg_import_out *out;
	struct eg_import_wait wait; /* calls out->wait after all records are written */
	struct eg_rejects *rejects;
	struct eg_sensors *sensors;
	struct eg_repeated *repeated;
	struct eg_import_counts n;
	struct eg_zone *zone;
	char *text; /* records that are not written yet */
	size_t len, room;
	char time[EG_TIME_SIZE]; /* formatted time of the last record */
	int64_t day_ns;          /* start of its UTC day; INT64_MIN: none */
	size_t fields_most; /* size of joined fields */
	char *joined;
	size_t joined_room;

	/* State of the current file: */
	const char *shown;
	struct eg_csv csv;
	struct eg_sniffed sniffed; /* another format that it looks like; what NULL: none */
	uint64_t header;  /* hash of the header line */
	char file_fault[EG_IMPORT_WHY]; /* reason for refusing its rows; empty: none */
	bool ready;       /* the header was found */
	bool behind;      /* the next row is the first one after the header */
	bool annotated;   /* each of its tables has a header after lines with '#' */
	bool wide_instants; /* columns are named by complete times */
	size_t width;
	size_t time_at[EG_IMPORT_LIST], sensor_at[EG_IMPORT_LIST], where_at[EG_IMPORT_LIST];
	char suffix[EG_IMPORT_VALUES][256];
	const char *unit[EG_IMPORT_VALUES]; /* unit of the values, from an option or a name;
					     * NULL: unknown */
	bool unit_certain[EG_IMPORT_VALUES]; /* it is from an option, or cannot mean something else */
	struct eg_import_cell *cell;
	size_t cells, cells_room;
	char phase[64];
	struct eg_import_held held[EG_IMPORT_HELD]; /* rows before the header; after the header
						     * was found: possible footers */
	size_t helds;
};

/* Finds the columns in row, which is the header or, in a file without one, the first row. must:
 * the row is treated as the header. Returns 1: columns found; 0: not the header; -1: out of
 * memory. Sets file_fault if the file cannot be imported. */
int eg_import_columns(struct eg_import *m, const struct eg_csv_row *row, bool must,
    struct eg_error *e);

/* Finds the unit of a column of values; head: its name, or empty. A column of a known export that
 * has its quantity in another unit is converted: its power changes. False with why: the name
 * contradicts --unit or the export. */
bool eg_import_column_unit(struct eg_import *m, struct eg_import_cell *c, struct eg_slice head,
    char why[EG_IMPORT_WHY]);

/* Prints the columns, for --head. */
void eg_import_describe(const struct eg_import *m, const struct eg_csv_row *header);

/* Converts a row to records: all of them, or none. -1 with *e if the import must end. */
int eg_import_row(struct eg_import *m, const struct eg_csv_row *row, struct eg_error *e);

/* Appends the record of a value to m->text. Its sensor is the one of the last eg_sensors_get,
 * its suffix is m->suffix[i], and its value is text times 10^power. Returns NULL, or the reason
 * for refusing it. */
const char *eg_import_put(struct eg_import *m, size_t i, int power, struct eg_slice text,
    const char *time, size_t time_len, uint64_t lineno);

/* Allocates room for one more record in m->text. -1 with EG_BUG. */
int eg_import_reserve(struct eg_import *m, struct eg_error *e);

/* Writes an instant to m->time, as eg_time_format does, and returns its length. Most rows are of
 * the same day as the row before, so the text of the date is reused: this saves a tenth of the
 * work. */
size_t eg_import_time_text(struct eg_import *m, int64_t ns);

/* Writes m->text if it is long or `always` is set; rows refused before it are written first. -1
 * with *e if it cannot be written. */
int eg_import_flush(struct eg_import *m, bool always, struct eg_error *e);

/* Imports a Green Button file, as eg_import_file does. */
int eg_import_green_button(struct eg_import *m, int fd, struct eg_error *e);

/* Imports a NEM12 file, as eg_import_file does. Its reader is open. */
int eg_import_nem12(struct eg_import *m, struct eg_error *e);

/* Converts a clock reading to nanoseconds since 1970, shifted by --shift. Returns NULL, or the
 * reason why there is no such instant. */
const char *eg_import_instant(struct eg_import *m, struct eg_sensor *sensor,
    const struct eg_clock_reading *r, int64_t *ns);

/* Reads the number of an interval, counted from 1, with optional letters before it: `7`, `H07`.
 * Returns NULL, or the reason why s is not one. */
const char *eg_import_interval_number(struct eg_slice s, int64_t *n);

/* The instant at which interval n of a date begins, as in eg_import_instant. The length of the
 * day follows the clocks of the zone. Returns NULL, or the reason why there is none. */
const char *eg_import_interval_instant(struct eg_import *m, const struct eg_clock_reading *date,
    int64_t n, int64_t *ns);

/* Reads a time in the first of the options' formats that fits. Returns NULL, or the reason why
 * the first format does not fit. */
const char *eg_import_time(const struct eg_import_options *o, struct eg_slice s,
    struct eg_clock_reading *r);

/* Refuses a row. */
int eg_import_refuse(struct eg_import *m, uint64_t lineno, const char *raw, size_t len,
    const char *reason, struct eg_error *e);

/* Warns, and refuses the remaining rows of the file. */
void eg_import_spoil(struct eg_import *m, uint64_t lineno, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Reads the value of a cell into out, EG_VALUE_MAX bytes, and its length into *n. Returns
 * NULL, or the reason why the cell is refused. */
const char *eg_import_number(const struct eg_import_options *o, struct eg_slice cell, int power,
    char *out, size_t *n);

#endif
