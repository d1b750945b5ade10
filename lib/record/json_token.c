/* SPDX-License-Identifier: MIT */
#include "record/json_token.h"

#include "base/number.h"
#include "base/swar.h"

/* Not inline: three copies of it would make eg-consume too large. */
static __attribute__((noinline)) const char *
digits_end(const char *p, const char *end)
{
	uint64_t digits, other;

	for (; end - p >= 8; p += 8)
		if ((other = eg_swar_no_digits(p, &digits)) != 0)
			return p + __builtin_ctzll(other) / 8;
	while (p < end && eg_is_digit(*p))
		p++;
	return p;
}

const char *
eg_json_number_end(const char *p, const char *end, bool *whole)
{
	const char *digits = p + (p < end && *p == '-'), *from;

	p = digits_end(digits, end);
	if (p == digits || (*digits == '0' && p - digits > 1))
		return NULL;
	*whole = true;
	if (p < end && *p == '.') {
		*whole = false;
		from = p + 1;
		if ((p = digits_end(from, end)) == from)
			return NULL;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		*whole = false;
		p++;
		from = p + (p < end && (*p == '+' || *p == '-'));
		if ((p = digits_end(from, end)) == from)
			return NULL;
	}
	return p;
}

const char *
eg_json_string_end(const char *p, const char *end, bool *ascii)
{
	for (;; p++) {
		size_t n = 8;

		for (; n == 8 && end - p >= 8; p += n)
			n = eg_swar_prefix(p, "\"\"\\\\");
		if (p == end || (unsigned char)*p < ' ' || *p == '\\')
			return NULL;
		if (*p == '"')
			return p;
		*ascii = *ascii && (unsigned char)*p < 0x80;
	}
}
