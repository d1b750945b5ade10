/* SPDX-License-Identifier: MIT */
/* Times as numbers: seconds since 1970, or a spreadsheet's days. */
#include "import/time_count.h"

#include "base/number.h"

enum { DAY = 86400, CLOCK_SET = 978307200 /* 2001-01-01 */, EXCEL_1970 = 25569 };

const char EG_LONG_FRACTION[] = "more than nine digits in a fraction of a second";
static const char NOT_EXCEL[] = "not a serial number of a day";

bool
eg_time_fraction(const char *s, size_t len, int32_t *nanos)
{
	int32_t unit = 100000000;

	while (len > 0 && s[len - 1] == '0')
		len--;
	if (len > 9)
		return false;
	*nanos = 0;
	for (size_t i = 0; i < len; i++, unit /= 10)
		*nanos += (s[i] - '0') * unit;
	return true;
}

/* The reason why a number of n digits is too large for the unit: seconds since 1970 have ten
 * digits today. */
static const char *
too_large(size_t n, int digits)
{
	static const char *const seconds[] = {
		"too large for seconds; for milliseconds: --time-format epoch-ms",
		"too large for seconds; for microseconds: --time-format epoch-us",
		"too large for seconds; for nanoseconds: --time-format epoch-ns",
	};
	int steps = n > 17 ? 2 : n > 14 ? 1 : 0;

	if (digits == 0)
		return seconds[steps];
	if (digits == 3 && steps < 2)
		return steps == 0 ? "too large for milliseconds; for microseconds: --time-format epoch-us"
		                  : "too large for milliseconds; for nanoseconds: --time-format epoch-ns";
	if (digits == 6 && steps == 0)
		return "too large for microseconds; for nanoseconds: --time-format epoch-ns";
	return digits == 3 ? "too large for a number of milliseconds since 1970" :
	    digits == 6 ? "too large for a number of microseconds since 1970" :
	    "too large for a number of nanoseconds since 1970";
}

const char *
eg_time_epoch(const char *s, size_t len, int digits, struct eg_clock_reading *r)
{
	static const char *const none[] = {
		[0] = "not a number of seconds since 1970", [3] = "not a number of milliseconds since 1970",
		[6] = "not a number of microseconds since 1970",
		[9] = "not a number of nanoseconds since 1970",
	};
	size_t whole = 0, zeros = 0;
	uint64_t n = 0, unit = 1;

	while (zeros < len && s[zeros] == '0')
		zeros++;
	for (whole = zeros; whole < len && eg_is_digit(s[whole]); whole++)
		n = n * 10 + (unsigned char)(s[whole] - '0');
	if (whole == 0 || (whole < len && (digits > 0 || s[whole] != '.' || len == whole + 1)))
		return none[digits];
	for (size_t i = whole + 1; i < len; i++)
		if (!eg_is_digit(s[i]))
			return none[digits];
	if (whole < len && !eg_time_fraction(s + whole + 1, len - whole - 1, &r->nanos))
		return EG_LONG_FRACTION;
	whole -= zeros;
	if (whole > 19 || whole > 11 + (size_t)digits) /* 19 digits fit n, and are ns up to 2286 */
		return too_large(whole > (size_t)digits ? whole - (size_t)digits : 0, digits);
	for (int i = 0; i < digits; i++)
		unit *= 10;
	r->seconds = (int64_t)n;
	if (digits > 0) {
		r->seconds = (int64_t)(n / unit);
		r->nanos = (int32_t)(n % unit * (1000000000 / unit));
	}
	if (r->seconds < CLOCK_SET)
		return "before 2001: a clock that is not set, or another form of time";
	r->has_offset = true;
	return NULL;
}

const char *
eg_time_excel(const char *s, size_t len, struct eg_clock_reading *r)
{
	size_t whole = 0, digits;
	int64_t days = 0, unit = 1, part = 0, ms;

	for (; whole < len && whole < 6 && eg_is_digit(s[whole]); whole++)
		days = days * 10 + (s[whole] - '0');
	digits = len > whole + 1 ? len - whole - 1 : 0;
	if (whole == 0 || (whole < len && ((s[whole] != '.' && s[whole] != ',') || digits == 0)))
		return NOT_EXCEL;
	for (size_t i = 0; i < digits; i++) {
		if (!eg_is_digit(s[whole + 1 + i]))
			return NOT_EXCEL;
		if (i < 11) { /* 86,400,000 of 10^11 fit 63 bits */
			part = part * 10 + (s[whole + 1 + i] - '0');
			unit *= 10;
		}
	}
	if (whole != 5 || days < EXCEL_1970)
		return "not a serial number of a day since 1970";
	if (digits < 5 && part * 1440 % unit != 0)
		return "too few digits for a time of day";
	ms = (part * DAY * 1000 + unit / 2) / unit;
	if (digits < 9 || ms % 1000 <= 1 || ms % 1000 == 999)
		ms = (ms + 500) / 1000 * 1000;
	r->seconds = (days - EXCEL_1970) * DAY + ms / 1000;
	r->nanos = (int32_t)(ms % 1000 * 1000000);
	r->date_only = digits == 0;
	return NULL;
}
