/* SPDX-License-Identifier: MIT */
/* Parses times in the formats of --time-format. */
#include "import/time_format.h"

#include <string.h>
#include <strings.h>

#include "base/calendar.h"

enum { DAY = 86400, YEAR_MIN = 1678, YEAR_MAX = 2261 };

static const char NOT_ISO[] = "not an ISO 8601 date and time";
static const char NO_CLOCK[] = "no such time of day";
static const char NO_FORM[] = "the time is not of the form in --time-format";
static const char NO_OFFSET[] = "not a zone offset";
static const char LONG_FRACTION[] = "more than nine digits in a fraction of a second";

/* The parts of a date and a time of day; -1: not given. */
struct parts {
	int year, month, day, hour, minute, second;
	int half; /* of the 12-hour clock: 0 AM, 1 PM */
};

static bool
is_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

/* Sets r->seconds from p. 24:00 is the midnight at the end of the day (ISO 8601:2004). */
static const char *
set_clock(const struct parts *p, struct eg_clock_reading *r)
{
	if (p->month < 1 || p->month > 12 || p->day < 1 ||
	    p->day > eg_month_days(p->year, p->month))
		return "no such day";
	if (p->year < YEAR_MIN || p->year > YEAR_MAX)
		return "the year is not in 1678..2261";
	if (p->hour > 24 || p->minute > 59 || p->second > 59 ||
	    (p->hour == 24 && (p->minute > 0 || p->second > 0 || r->nanos > 0)))
		return NO_CLOCK;
	r->seconds = eg_day_number(p->year, p->month, p->day) * DAY + p->hour * 3600 + p->minute * 60 +
	    p->second;
	return NULL;
}

/* Reads the digits at s as a fraction of a second. */
static bool
read_fraction(const char *s, size_t len, int32_t *nanos)
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

static bool
two_digits(const char *s, int *n)
{
	if (!is_digit(s[0]) || !is_digit(s[1]))
		return false;
	*n = (s[0] - '0') * 10 + s[1] - '0';
	return true;
}

bool
eg_time_offset(const char *s, size_t len, int32_t *seconds)
{
	int hours = 0, minutes = 0;

	*seconds = 0;
	if ((len == 1 && (*s | 0x20) == 'z') ||
	    (len == 3 && (strncasecmp(s, "utc", 3) == 0 || strncasecmp(s, "gmt", 3) == 0)))
		return true;
	if (len < 3 || (s[0] != '+' && s[0] != '-') || !two_digits(s + 1, &hours))
		return false;
	if (len == 6 && s[3] == ':' ? !two_digits(s + 4, &minutes)
	                            : len == 5 ? !two_digits(s + 3, &minutes) : len != 3)
		return false;
	*seconds = (hours * 3600 + minutes * 60) * (s[0] == '-' ? -1 : 1);
	return hours <= 23 && minutes <= 59;
}

static const char *
take_offset(const char *s, size_t len, struct eg_clock_reading *r)
{
	r->has_offset = eg_time_offset(s, len, &r->offset);
	return r->has_offset ? NULL : NO_OFFSET;
}

/* `2024-01-31`, `2024-01-31T23:59[:59[.999]][ ][offset]`, with a blank for the T. */
static const char *
read_iso(const char *s, size_t len, struct eg_clock_reading *r)
{
	struct parts p = { 0 };
	size_t at = 16, digits = 0;
	int century, year;

	if (len < 10 || !two_digits(s, &century) || !two_digits(s + 2, &year) || s[4] != '-' ||
	    !two_digits(s + 5, &p.month) || s[7] != '-' || !two_digits(s + 8, &p.day))
		return NOT_ISO;
	p.year = century * 100 + year;
	r->date_only = len == 10;
	if (r->date_only)
		return set_clock(&p, r);
	if (len < 16 || ((s[10] | 0x20) != 't' && s[10] != ' ') || !two_digits(s + 11, &p.hour) ||
	    s[13] != ':' || !two_digits(s + 14, &p.minute))
		return NOT_ISO;
	if (len >= 19 && s[16] == ':' && two_digits(s + 17, &p.second))
		at = 19;
	if (at == 19 && len > 20 && (s[19] == '.' || s[19] == ',') && is_digit(s[20])) {
		while (20 + digits < len && is_digit(s[20 + digits]))
			digits++;
		at = 20 + digits;
		if (!read_fraction(s + 20, digits, &r->nanos))
			return LONG_FRACTION;
	}
	while (at < len && s[at] == ' ')
		at++;
	if (at < len && take_offset(s + at, len - at, r) != NULL)
		return NO_OFFSET;
	return set_clock(&p, r);
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

/* Reads a number of seconds, with or without a fraction, or of a smaller unit. digits: 0 for
 * seconds, 3 for milliseconds, and so on. */
static const char *
read_epoch(const char *s, size_t len, int digits, struct eg_clock_reading *r)
{
	static const char *const none[] = {
		[0] = "not a number of seconds since 1970", [3] = "not a number of milliseconds since 1970",
		[6] = "not a number of microseconds since 1970",
		[9] = "not a number of nanoseconds since 1970",
	};
	static const uint64_t units[] = { [0] = 1, [3] = 1000, [6] = 1000000, [9] = 1000000000 };
	size_t whole = 0, zeros = 0;
	uint64_t n = 0;

	while (zeros < len && s[zeros] == '0')
		zeros++;
	for (whole = zeros; whole < len && is_digit(s[whole]); whole++)
		n = n * 10 + (unsigned char)(s[whole] - '0');
	if (whole == 0 || (whole < len && (digits > 0 || s[whole] != '.' || len == whole + 1)))
		return none[digits];
	for (size_t i = whole + 1; i < len; i++)
		if (!is_digit(s[i]))
			return none[digits];
	if (whole < len && !read_fraction(s + whole + 1, len - whole - 1, &r->nanos))
		return LONG_FRACTION;
	whole -= zeros;
	if (whole > 19 || whole > 11 + (size_t)digits) /* 19 digits fit n, and are ns up to 2286 */
		return too_large(whole > (size_t)digits ? whole - (size_t)digits : 0, digits);
	r->seconds = (int64_t)n;
	if (digits > 0) {
		r->seconds = (int64_t)(n / units[digits]);
		r->nanos = (int32_t)(n % units[digits] * (units[9] / units[digits]));
	}
	r->has_offset = true;
	return NULL;
}

/* Length in bytes of the name at s, a day's or a month's, with the dot of a short form. */
static size_t
letters_at(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && (unsigned char)((s[n] | 0x20) - 'a') < 26)
		n++;
	return n > 0 && n < len && s[n] == '.' ? n + 1 : n;
}

static int
month_of(const char *s)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int i = 0; i < 12; i++)
		if (strncasecmp(s, names + 3 * i, 3) == 0)
			return i + 1;
	return 0;
}

/* Length in bytes of the blank at s: space, tab, U+00A0, or U+202F, which some exports write
 * before AM. */
static size_t
blank_at(const char *s, size_t len)
{
	if (len > 0 && (*s == ' ' || *s == '\t'))
		return 1;
	if (len > 1 && memcmp(s, "\xc2\xa0", 2) == 0)
		return 2;
	return len > 2 && memcmp(s, "\xe2\x80\xaf", 3) == 0 ? 3 : 0;
}

/* Reads AM, PM, a.m. or p.m. Returns its length in bytes; 0: none. */
static size_t
half_at(const char *s, size_t len, int *half)
{
	size_t dots = len >= 4 && s[1] == '.' && s[3] == '.' ? 1 : 0;

	if (len < 2 + 2 * dots || (s[1 + dots] | 0x20) != 'm' || ((*s | 0x20) != 'a' && (*s | 0x20) != 'p'))
		return 0;
	*half = (*s | 0x20) == 'p';
	return 2 + 2 * dots;
}

/* Reads a number of least to most digits at s. Returns its length in bytes. */
static size_t
number_at(const char *s, size_t len, size_t least, size_t most, int *n)
{
	size_t i;

	for (i = 0, *n = 0; i < len && i < most && is_digit(s[i]); i++)
		*n = *n * 10 + (s[i] - '0');
	return i < least ? 0 : i;
}

static size_t
run_of(const char *s, size_t len, const char *of)
{
	size_t i = 0;

	while (i < len && s[i] != '\0' && strchr(of, s[i]) != NULL)
		i++;
	return i;
}

/* Reads the field of a directive at s. Returns its length in bytes; 0: it does not match. */
static size_t
take(char kind, const char *s, size_t len, struct parts *p, struct eg_clock_reading *r,
    const char **why)
{
	size_t n = 0;

	switch (kind) {
	case 'Y':
		return number_at(s, len, 4, 4, &p->year);
	case 'y':
		n = number_at(s, len, 1, 2, &p->year);
		p->year += p->year < 69 ? 2000 : 1900;
		return n;
	case 'm':
		return number_at(s, len, 1, 2, &p->month);
	case 'b':
		p->month = len >= 3 ? month_of(s) : 0;
		return p->month > 0 ? letters_at(s, len) : 0;
	case 'a':
		return letters_at(s, len);
	case '*':
		return len;
	case 'd':
		return number_at(s, len, 1, 2, &p->day);
	case 'H':
	case 'I':
		n = number_at(s, len, 1, 2, &p->hour);
		if (kind == 'I' && n > 0 && (p->hour < 1 || p->hour > 12))
			*why = NO_CLOCK;
		return n;
	case 'p':
		return half_at(s, len, &p->half);
	case 'M':
		return number_at(s, len, 1, 2, &p->minute);
	case 'S':
		return number_at(s, len, 1, 2, &p->second);
	case 'f':
		n = run_of(s, len, "0123456789");
		if (n > 0 && !read_fraction(s, n, &r->nanos))
			*why = LONG_FRACTION;
		return n;
	case 's':
		n = run_of(s, len, "0123456789");
		if (n > 0)
			*why = read_epoch(s, n, 0, r);
		return n;
	default: /* 'z' */
		n = run_of(s, len, "+-:0123456789zZuUtTcC");
		if (n > 0)
			*why = take_offset(s, n, r);
		return n;
	}
}

static size_t
take_blanks(const char *s, size_t len)
{
	size_t n = 0, one;

	while ((one = blank_at(s + n, len - n)) > 0)
		n += one;
	return n;
}

static const char *
read_steps(const struct eg_time_format *f, const char *s, size_t len, struct eg_clock_reading *r)
{
	struct parts p = { .half = -1 };
	const char *why = NULL;
	bool clock = false, twelve = false;

	for (size_t i = 0; i < f->n && why == NULL; i++) {
		size_t n = f->kind[i] == '=' ? (size_t)(len > 0 && *s == f->text[i])
		    : f->kind[i] == ' '      ? take_blanks(s, len)
		                             : take(f->kind[i], s, len, &p, r, &why);

		if (n == 0 && f->kind[i] != '*')
			return NO_FORM;
		clock |= f->kind[i] == 'H' || f->kind[i] == 'I';
		twelve |= f->kind[i] == 'I';
		s += n;
		len -= n;
		if (f->kind[i] == 's' && why == NULL)
			return len == 0 ? NULL : NO_FORM;
	}
	if (why != NULL || len > 0)
		return why != NULL ? why : NO_FORM;
	if (twelve) /* 12 AM is midnight, 12 PM is noon */
		p.hour = p.hour % 12 + 12 * p.half;
	r->date_only = !clock;
	return set_clock(&p, r);
}

const char *
eg_time_format_read(const struct eg_time_format *f, const char *s, size_t len,
    struct eg_clock_reading *r)
{
	*r = (struct eg_clock_reading){ .seconds = 0 };
	if (f->iso)
		return read_iso(s, len, r);
	return f->epoch >= 0 ? read_epoch(s, len, f->epoch, r) : read_steps(f, s, len, r);
}
