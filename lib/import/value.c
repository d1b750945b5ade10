/* SPDX-License-Identifier: MIT */
/* Converts values from the forms in files, as text. */
#include <string.h>

#include "base/decimal.h"
#include "base/number.h"
#include "import/parts.h"
#include "record/record.h"

static const char NOT_A_NUMBER[] = "not a decimal number";

/* The length of a mark between thousands at s, in bytes; 0: there is none. Blanks include the
 * no-break and the thin one, apostrophes the typographic one. */
static size_t
mark_at(char thousands, const char *s, size_t len)
{
	static const struct {
		char of;
		const char *text;
	} forms[] = { { ' ', "\xc2\xa0" }, { ' ', "\xe2\x80\xaf" }, { ' ', "\xe2\x80\x89" },
		{ '\'', "\xe2\x80\x99" } };

	if (len > 0 && *s == thousands)
		return 1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t n = strlen(forms[i].text);

		if (forms[i].of == thousands && len >= n && memcmp(s, forms[i].text, n) == 0)
			return n;
	}
	return 0;
}

static size_t
digits_at(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && (unsigned char)(s[n] - '0') <= 9)
		n++;
	return n;
}

/* Copies the whole part of a number without its marks. False if the marks do not separate groups of
 * three digits, or if the first group begins with a zero. *at: offset of the rest. */
static bool
join_groups(char thousands, const char *s, size_t len, size_t *at, char *out, size_t *n)
{
	size_t i = *at, group = digits_at(s + i, len - i), mark;
	bool grouped = group <= 3 && (group == 0 || s[i] != '0');

	while (group > 0) {
		if (*n + group > 2 * EG_VALUE_MAX)
			return false;
		memcpy(out + *n, s + i, group);
		*n += group;
		i += group;
		mark = mark_at(thousands, s + i, len - i);
		if (mark == 0)
			break;
		group = digits_at(s + i + mark, len - i - mark);
		if (!grouped || group != 3)
			return false;
		i += mark;
	}
	*at = i;
	return true;
}

/* Copies s without marks between thousands, and with a decimal point. */
static bool
normalise(const struct eg_import_options *o, struct eg_slice s, char *out, size_t *n)
{
	size_t i = 0;

	*n = 0;
	if (s.len > 0 && (*s.s == '-' || *s.s == '+'))
		out[(*n)++] = s.s[i++];
	if (o->thousands != '\0' && !join_groups(o->thousands, s.s, s.len, &i, out, n))
		return false;
	if (s.len - i > 2 * EG_VALUE_MAX || *n + s.len - i > 3 * EG_VALUE_MAX)
		return false;
	for (; i < s.len; i++) {
		if (o->comma && s.s[i] == '.')
			return false;
		out[(*n)++] = o->comma && s.s[i] == ',' ? '.' : s.s[i];
	}
	return true;
}

const char *
eg_import_time(const struct eg_import_options *o, struct eg_slice s, struct eg_clock_reading *r)
{
	const char *why = eg_time_format_read(&o->form[0], s.s, s.len, r);

	if (why == NULL)
		return NULL;
	for (size_t i = 1; i < o->forms; i++)
		if (eg_time_format_read(&o->form[i], s.s, s.len, r) == NULL)
			return NULL;
	return why;
}

const char *
eg_import_number(const struct eg_import_options *o, struct eg_slice cell, int power, char *out,
    size_t *n)
{
	char text[4 * EG_VALUE_MAX], shifted[EG_DECIMAL_SIZE], minus[EG_VALUE_MAX];
	enum eg_number verdict;

	if (cell.len > 3 && cell.len <= EG_VALUE_MAX && memcmp(cell.s, "\xe2\x88\x92", 3) == 0) {
		*minus = '-'; /* U+2212 */
		memcpy(minus + 1, cell.s + 3, cell.len - 3);
		cell = (struct eg_slice){ minus, cell.len - 2 };
	}
	if (o->comma || o->thousands != '\0') {
		if (!normalise(o, cell, text, n))
			return NOT_A_NUMBER;
		cell = (struct eg_slice){ text, *n };
	}
	if (cell.len > EG_VALUE_MAX)
		return digits_at(cell.s, cell.len) + 1 >= cell.len
		    ? "the number is too long" : NOT_A_NUMBER;
	verdict = eg_decimal_check(cell.s, cell.len);
	if (verdict == EG_NUMBER_OK && power != 0) {
		cell.len = eg_decimal_shift(cell.s, cell.len, power, shifted);
		cell.s = shifted;
		if (cell.len > EG_VALUE_MAX)
			return "the number is too long";
		verdict = eg_decimal_check(cell.s, cell.len);
	}
	if (verdict != EG_NUMBER_OK)
		return verdict == EG_NUMBER_FORM ? NOT_A_NUMBER : "the number is too large";
	memcpy(out, cell.s, cell.len);
	*n = cell.len;
	return NULL;
}
