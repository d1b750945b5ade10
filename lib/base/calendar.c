/* SPDX-License-Identifier: MIT */
/* The proleptic Gregorian calendar: dates as numbers of days, and back. */
#include "base/calendar.h"

enum { ERA = 146097, ERA_YEARS = 400 };

/* Howard Hinnant's days_from_civil ("chrono-Compatible Low-Level Date Algorithms"). Years
 * begin in March, so that the leap day is a year's last. */
int64_t
eg_day_number(int year, int month, int day)
{
	int64_t months = (int64_t)year * 12 + month - 3, y = eg_floor_div(months, 12);
	int64_t era = eg_floor_div(y, ERA_YEARS), in_era = y - era * ERA_YEARS;
	int64_t in_year = (153 * (months - y * 12) + 2) / 5 + day - 1;

	return era * ERA + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

/* Hinnant's civil_from_days. */
struct eg_date
eg_day_date(int64_t day)
{
	int64_t z = day + 719468, era = eg_floor_div(z, ERA), doe = z - era * ERA;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / (ERA - 1)) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	return (struct eg_date){
		.year = (int)(yoe + era * ERA_YEARS) + (month <= 2),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
	};
}

int
eg_day_weekday(int64_t day)
{
	return (int)(day + 3 - eg_floor_div(day + 3, 7) * 7); /* 1970-01-01 was a Thursday */
}

int
eg_month_days(int year, int month)
{
	return (int)(eg_day_number(year, month + 1, 1) - eg_day_number(year, month, 1));
}

int64_t
eg_day_easter(int year)
{
	int a = year % 19, b = year / 100, c = year % 100;
	int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
	int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
	int m = (a + 11 * h + 22 * l) / 451, n = h + l - 7 * m + 114;

	return eg_day_number(year, n / 31, n % 31 + 1);
}
