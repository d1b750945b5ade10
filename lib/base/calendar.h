/* SPDX-License-Identifier: MIT */
/* The proleptic Gregorian calendar: dates as numbers of days, and back. */
#ifndef EG_CALENDAR_H
#define EG_CALENDAR_H

#include <stdint.h>

/* A date. month and day count from 1. */
struct eg_date {
	int year, month, day;
};

/* a / b rounded down, for b > 0; times before 1970 are negative. */
static inline int64_t
eg_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* The number of days from 1970-01-01 to the date; negative before 1970. Out-of-range months and
 * days carry over: month 13 is January of the next year, day 0 is the last day of the month
 * before. Years from -100000 to 100000. */
int64_t eg_day_number(int year, int month, int day);

/* The date of a day number: the inverse of eg_day_number. */
struct eg_date eg_day_date(int64_t day);

/* The weekday of a day number: 0 is Monday, 6 is Sunday. */
int eg_day_weekday(int64_t day);

/* The number of days in a month, 28 to 31. */
int eg_month_days(int year, int month);

/* The day of Easter Sunday in a year (Gregorian calendar, year 1583 or later), as a number
 * of days since 1970-01-01. Source: the anonymous algorithm of Nature, 1876, in Meeus,
 * "Astronomical Algorithms", chapter 8. */
int64_t eg_day_easter(int year);

#endif
