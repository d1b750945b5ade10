/* SPDX-License-Identifier: MIT */
/* Reads the words of a table's lines: numbers, bands, and the end of a line. */
#include <string.h>

#include "base/diag.h"
#include "base/fixed.h"
#include "tariff/table_parts.h"

char *
eg_table_word(char **rest)
{
	char *word = eg_config_word(rest);

	if (word == NULL || *word != '#')
		return word;
	*rest = word + strlen(word);
	return NULL;
}

int
eg_table_number(const struct eg_table_reader *r, const char *text, int digits, bool negative,
    int64_t most, const char *what, struct eg_wide *out, struct eg_error *e)
{
	size_t len = text != NULL ? strlen(text) : 0;
	const char *point = text != NULL ? strchr(text, '.') : NULL;
	struct eg_wide limit = { 0 };
	enum eg_number verdict;
	char q[EG_QUOTE_MAX];

	if (text == NULL)
		return eg_config_wrong(&r->file, e, "%s: a number is missing", what);
	eg_wide_multiply(eg_wide_of(most), eg_wide_of(EG_FIXED_ONE), &limit);
	verdict = eg_fixed_parse(text, len, out);
	if (strpbrk(text, "eE") != NULL || verdict == EG_NUMBER_FORM ||
	    (point != NULL && strlen(point + 1) > (size_t)digits))
		return eg_config_wrong(&r->file, e,
		    "%s %s: want a number without an exponent, and at most %d digits behind the point",
		    what, eg_quote(text, len, q), digits);
	if (verdict == EG_NUMBER_RANGE || (!negative && eg_wide_sign(*out) < 0) ||
	    eg_wide_compare(*out, limit) > 0 || eg_wide_compare(eg_wide_negative(*out), limit) > 0)
		return eg_config_wrong(&r->file, e, "%s %s: want %s%lld at most", what,
		eg_quote(text, len, q), negative ? "an amount of " : "0 or more, and ", (long long)most);
	return 0;
}

int
eg_table_line_end(const struct eg_table_reader *r, char *rest, struct eg_error *e)
{
	char q[EG_QUOTE_MAX], *word = eg_table_word(&rest);

	if (word == NULL)
		return 0;
	return eg_config_wrong(&r->file, e, "unexpected %s at the end of the line",
	    eg_quote(word, strlen(word), q));
}

int
eg_table_band(struct eg_table_reader *r, const char *name, struct eg_error *e)
{
	/* Letters come first, since a name begins with one. */
	static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	struct eg_table *t = r->t;
	size_t len = strlen(name), i = 0;
	char q[EG_QUOTE_MAX];

	while (i < t->bands && strcmp(t->band[i], name) != 0)
		i++;
	if (i < t->bands)
		return (int)i;
	if (len > EG_BAND_NAME_MAX || strspn(name, chars) < len || strchr(chars, *name) >= chars + 52)
		return eg_config_wrong(&r->file, e,
		    "%s: the name of a band is a letter and letters, digits, _ and -, at most %d",
		    eg_quote(name, len, q), EG_BAND_NAME_MAX);
	if (t->bands == EG_BANDS_MAX)
		return eg_config_wrong(&r->file, e, "more than %d bands", EG_BANDS_MAX);
	memcpy(t->band[t->bands], name, len + 1);
	return (int)t->bands++;
}
