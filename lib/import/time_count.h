/* SPDX-License-Identifier: MIT */
/* Times written as numbers, for time_format.c. Each function returns NULL, or the reason why s
 * is not such a time (static storage). */
#ifndef EG_TIME_COUNT_H
#define EG_TIME_COUNT_H

#include "import/time_format.h"

extern const char EG_LONG_FRACTION[];

/* Reads the digits at s as a fraction of a second. Returns false if there are more than nine. */
bool eg_time_fraction(const char *s, size_t len, int32_t *nanos);

/* Reads a number of seconds since 1970, with or without a fraction, or of a smaller unit.
 * digits: 0 for seconds, 3 for milliseconds, 6, 9. A time before 2001 is refused, as eg-decode
 * does: of a device whose clock is not set, or a number that is no such count, as 20190101. */
const char *eg_time_epoch(const char *s, size_t len, int digits, struct eg_clock_reading *r);

/* Reads a serial number of a spreadsheet (the 1900 system): days since 1899-12-30, from 1970 to
 * 2173, on the clock of the place. Spreadsheets give ten or eleven digits behind the point, which
 * may be a comma: the time is rounded to a millisecond, and to the second that is as near. Of five
 * to eight digits it is rounded to a second; with fewer it must be a whole minute, since
 * 45292.01 may be any quarter of an hour. */
const char *eg_time_excel(const char *s, size_t len, struct eg_clock_reading *r);

#endif
