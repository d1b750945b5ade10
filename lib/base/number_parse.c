/* SPDX-License-Identifier: MIT */
/* Numbers of options and files: the whole text, within a range. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

enum eg_number
eg_int_parse(const char *s, int64_t min, int64_t max, int64_t *out)
{
	const char *digits = s + (*s == '-' || *s == '+');
	long long n;

	if (!eg_is_digit(*digits) || digits[strspn(digits, "0123456789")] != '\0')
		return EG_NUMBER_FORM;
	errno = 0;
	n = strtoll(s, NULL, 10);
	if (errno == ERANGE || n < min || n > max)
		return EG_NUMBER_RANGE;
	*out = n;
	return EG_NUMBER_OK;
}

enum eg_number
eg_double_parse(const char *s, double min, double max, double *out)
{
	enum eg_number verdict = eg_decimal_check(s, strlen(s));
	double n;

	if (verdict != EG_NUMBER_OK)
		return verdict;
	n = strtod(s, NULL);
	if (n < min || n > max)
		return EG_NUMBER_RANGE;
	*out = n;
	return EG_NUMBER_OK;
}

/* The number of milliseconds in a unit of time; 0 if there is no such unit. */
static double
unit_ms(const char *unit)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = {
		{ "", 1e3 }, { "ms", 1 }, { "s", 1e3 }, { "m", 6e4 }, { "h", 36e5 }, { "d", 864e5 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(unit, units[i].name) == 0)
			return units[i].ms;
	return 0;
}

enum eg_number
eg_duration_parse(const char *s, int64_t min, int64_t max, int64_t *ms)
{
	size_t sign = *s == '-' || *s == '+';
	size_t len = sign + strspn(s + sign, "0123456789.");
	double unit = unit_ms(s + len), n;
	int64_t whole;

	if (unit <= 0 || eg_decimal_check(s, len) != EG_NUMBER_OK)
		return EG_NUMBER_FORM;
	/* No unit continues a number: strtod(3) ends before it. */
	n = strtod(s, NULL) * unit;
	if (n < -9e18 || n > 9e18)
		return EG_NUMBER_RANGE;
	whole = (int64_t)llround(n);
	if (whole == 0 && n > 0)
		whole = 1; /* 0 often means "none" or "for ever", which a user of 0.1ms does not
			    * want */
	if (whole < min || whole > max)
		return EG_NUMBER_RANGE;
	*ms = whole;
	return EG_NUMBER_OK;
}
