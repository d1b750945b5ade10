/* SPDX-License-Identifier: MIT */
/* Parses times in the formats of --time-format. */
#include "import/time_format.h"

#include <string.h>
#include <strings.h>

#include "base/calendar.h"
#include "base/number.h"
#include "import/time_count.h"

enum { DAY = 86400, YEAR_MIN = 1678, YEAR_MAX = 2261 };

static const char NOT_ISO[] = "not an ISO 8601 date and time";
static const char NO_CLOCK[] = "no such time of day";
static const char NO_FORM[] = "the time is not of the form in --time-format";
static const char NO_OFFSET[] = "not a zone offset";

/* The parts of a date and a time of day; -1: not given. */
struct parts {
	int year, month, day, hour, minute, second;
	int half; /* of the 12-hour clock: 0 AM, 1 PM */
};

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
	r->day_end = p->hour == 24;
	r->seconds = eg_day_number(p->year, p->month, p->day) * DAY + p->hour * 3600 + p->minute * 60 +
	    p->second;
	return NULL;
}

static bool
two_digits(const char *s, int *n)
{
	if (!eg_is_digit(s[0]) || !eg_is_digit(s[1]))
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

/* Reads a date, `2024-01-31` or `20240131`. Returns its length in bytes; 0: it is not a date. */
static size_t
date_at(const char *s, size_t len, struct parts *p)
{
	int century, year;
	size_t dash = len >= 10 && s[4] == '-';

	if (len < 8 || !two_digits(s, &century) || !two_digits(s + 2, &year) ||
	    !two_digits(s + 4 + dash, &p->month) || (dash && s[7] != '-') ||
	    !two_digits(s + 6 + 2 * dash, &p->day))
		return 0;
	p->year = century * 100 + year;
	return 8 + 2 * dash;
}

/* Reads a time of day: `23:59`, `23:59:00`, also with one digit for the hour; or, after a date
 * without dashes, `2359` or `235900`. Returns its length in bytes; 0: it is not a time. */
static size_t
clock_at(const char *s, size_t len, bool basic, struct parts *p, bool *seconds)
{
	size_t hour = len > 1 && s[1] == ':' ? 1 : 2, colon = len > hour && s[hour] == ':', at;

	if (len < hour + colon + 2 || !eg_is_digit(*s) || (colon == 0 && !basic))
		return 0;
	p->hour = *s - '0';
	if ((hour == 2 && !two_digits(s, &p->hour)) || !two_digits(s + hour + colon, &p->minute))
		return 0;
	at = hour + colon + 2;
	*seconds = len >= at + colon + 2 && (colon == 0 || s[at] == ':') &&
	    two_digits(s + at + colon, &p->second);
	return *seconds ? at + colon + 2 : at;
}

/* Reads a date, and, after a T or a blank, a time of day with a fraction of a second and an
 * offset. */
static const char *
read_iso(const char *s, size_t len, struct eg_clock_reading *r)
{
	struct parts p = { 0 };
	size_t at = date_at(s, len, &p), clock, digits = 0;
	bool seconds = false;

	if (at == 0)
		return NOT_ISO;
	r->date_only = len == at;
	if (r->date_only)
		return set_clock(&p, r);
	if ((s[at] | 0x20) != 't' && s[at] != ' ')
		return NOT_ISO;
	clock = clock_at(s + at + 1, len - at - 1, at == 8, &p, &seconds);
	if (clock == 0)
		return NOT_ISO;
	at += 1 + clock;
	if (seconds && at + 1 < len && (s[at] == '.' || s[at] == ',') && eg_is_digit(s[at + 1])) {
		for (at++; at + digits < len && eg_is_digit(s[at + digits]); digits++)
			;
		if (!eg_time_fraction(s + at, digits, &r->nanos))
			return EG_LONG_FRACTION;
		at += digits;
	}
	while (at < len && s[at] == ' ')
		at++;
	if (at < len && take_offset(s + at, len - at, r) != NULL)
		return NO_OFFSET;
	return set_clock(&p, r);
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

/* The month with a name of len bytes, without a dot: the whole name, its first three letters, or
 * Sept. 0: none. Whole names are compared, since names in other languages begin alike: marraskuu is
 * November. */
static int
month_of(const char *s, size_t len)
{
	static const char *const names[] = { "january", "february", "march", "april", "may", "june",
		"july", "august", "september", "october", "november", "december" };

	for (int i = 0; i < 12; i++)
		if ((len == 3 || len == strlen(names[i]) || (i == 8 && len == 4)) &&
		    strncasecmp(s, names[i], len) == 0)
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

	if (len < 2 + 2 * dots || (s[1 + dots] | 0x20) != 'm' ||
	    ((*s | 0x20) != 'a' && (*s | 0x20) != 'p'))
		return 0;
	*half = (*s | 0x20) == 'p';
	return 2 + 2 * dots;
}

/* Reads a number of least to most digits at s. Returns its length in bytes. */
static size_t
number_at(const char *s, size_t len, size_t least, size_t most, int *n)
{
	size_t i;

	for (i = 0, *n = 0; i < len && i < most && eg_is_digit(s[i]); i++)
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
take_part(char kind, const char *s, size_t len, struct parts *p, struct eg_clock_reading *r,
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
		n = letters_at(s, len);
		p->month = n > 0 ? month_of(s, n - (s[n - 1] == '.')) : 0;
		return p->month > 0 ? n : 0;
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
		if (n > 0 && !eg_time_fraction(s, n, &r->nanos))
			*why = EG_LONG_FRACTION;
		return n;
	case 's':
		n = run_of(s, len, "0123456789");
		if (n > 0)
			*why = eg_time_epoch(s, n, 0, r);
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
		                             : take_part(f->kind[i], s, len, &p, r, &why);

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
	if (f->excel)
		return eg_time_excel(s, len, r);
	return f->epoch >= 0 ? eg_time_epoch(s, len, f->epoch, r) : read_steps(f, s, len, r);
}
