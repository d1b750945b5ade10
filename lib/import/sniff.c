/* SPDX-License-Identifier: MIT */
#include "import/sniff.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { LOOK = 1024 };

static const struct {
	const char *begin;
	size_t len;
	struct eg_sniffed is;
} binary[] = {
	{ "\x1f\x8b", 2, { "a gzip file", "unpack it first, as with zcat", false } },
	{ "BZh", 3, { "a bzip2 file", "unpack it first, as with bzcat", false } },
	{ "\xfd" "7zXZ", 5, { "an xz file", "unpack it first, as with xzcat", false } },
	{ "\x28\xb5\x2f\xfd", 4, { "a zstd file", "unpack it first, as with zstdcat", false } },
	{ "PK\3\4", 4, { "a spreadsheet or a zip file", "save it as CSV first", false } },
	{ "\xd0\xcf\x11\xe0", 4, { "a spreadsheet or a zip file", "save it as CSV first", false } },
	{ "SQLite format 3", 16,
		{ "an SQLite database", "query it, as with sqlite3 -csv -header", false } },
	{ "PAR1", 4, { "a Parquet file", "save it as CSV first", false } },
	{ "%PDF-", 5, { "a PDF", "ask for the readings as CSV", false } },
	{ "\x1b\x1b\x1b\x1b\1\1\1\1", 8,
		{ "SML, a meter's telegrams", "give it to eg-decode sml", false } },
	{ "\xff\xfe", 2, { "UTF-16", "convert it to UTF-8 first, or use --encoding utf-16", true } },
	{ "\xfe\xff", 2, { "UTF-16", "convert it to UTF-8 first, or use --encoding utf-16", true } },
};

/* Every second byte is NUL: UTF-16 of Latin text without a byte order mark. */
static bool
is_utf16(const char *s, size_t len, size_t nul)
{
	size_t n = 0;

	for (size_t i = nul; i < len; i += 2)
		n += s[i] == '\0' && s[i ^ 1] != '\0';
	return len >= 8 && n >= len / 2 - len / 20;
}

static bool
begins(const char *s, size_t len, const char *text)
{
	return len >= strlen(text) && strncasecmp(s, text, strlen(text)) == 0;
}

static bool
contains(const char *s, size_t len, const char *text)
{
	return memmem(s, len, text, strlen(text)) != NULL;
}

/* Detects texts of other formats. s begins with the first byte that is not blank. */
static bool
text_kind(const char *s, size_t len, struct eg_sniffed *out)
{
	*out = (struct eg_sniffed){ .text = true };
	if (begins(s, len, "<!doctype html") || begins(s, len, "<html") || begins(s, len, "<table")) {
		out->what = "HTML";
		out->advice = "open it in a spreadsheet and save it as CSV";
	} else if (begins(s, len, "<?xml") || begins(s, len, "<feed")) {
		out->what = "XML";
		out->advice = contains(s, len, "espi") || contains(s, len, "IntervalBlock") ||
		    contains(s, len, "Atom")
		    ? "if it is Green Button's, use the format green-button" : "convert it to CSV first";
	} else if (*s == '{' || (*s == '[' && len > 1 && strchr("{[\" \t\r\n", s[1]) != NULL)) {
		out->what = "JSON";
		out->advice = "give it to eg-decode json";
	} else if (*s == '/' && len > 5 && isalpha((unsigned char)s[1]) && contains(s, len, "1.8.")) {
		out->what = "telegrams of a meter";
		out->advice = "give it to eg-decode dsmr or iec62056-21";
	} else if (contains(s, len, "ADCO ") || contains(s, len, "ADSC\t")) {
		out->what = "telegrams of Linky";
		out->advice = "give it to eg-decode tic";
	} else if (memchr(s, '\r', len) != NULL && memchr(s, '\n', len) == NULL) {
		out->what = "a text whose lines end in CR alone";
		out->advice = "convert it first, as with tr '\\r' '\\n'";
	}
	return out->what != NULL;
}

bool
eg_sniff(const char *s, size_t len, struct eg_sniffed *out)
{
	static const struct eg_sniffed little = { "UTF-16",
		"convert it to UTF-8 first, or use --encoding utf-16le", true },
		big = { "UTF-16", "convert it to UTF-8 first, or use --encoding utf-16be", true };

	len = len < LOOK ? len : LOOK;
	for (size_t i = 0; i < sizeof(binary) / sizeof(binary[0]); i++)
		if (len >= binary[i].len && memcmp(s, binary[i].begin, binary[i].len) == 0) {
			*out = binary[i].is;
			return true;
		}
	if (is_utf16(s, len & ~(size_t)1, 1) || is_utf16(s, len & ~(size_t)1, 0)) {
		*out = is_utf16(s, len & ~(size_t)1, 1) ? little : big;
		return true;
	}
	if (begins(s, len, "\xef\xbb\xbf")) {
		s += 3;
		len -= 3;
	}
	while (len > 0 && isspace((unsigned char)*s)) {
		s++;
		len--;
	}
	return len > 0 && text_kind(s, len, out);
}
