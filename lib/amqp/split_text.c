/* SPDX-License-Identifier: MIT */
/* Reads answers to markers, and the lines of NAME.change. */
#include "amqp/split_text.h"

#include <string.h>

#include "amqp/partition.h"
#include "base/clock.h"
#include "base/number.h"

enum { WORDS = 3, WORD_SIZE = EG_MARKER_ID_MAX, HEX_DIGITS = 8 };

/* Cuts the text at each `separator` into words that are not empty and shorter than WORD_SIZE.
 * Returns their number, or 0 if it is more than WORDS, or a word cannot be. */
static size_t
cut(const char *text, size_t len, char separator, char word[WORDS][WORD_SIZE])
{
	size_t n = 0, used = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && text[i] != separator) {
			if (text[i] <= ' ' || text[i] > '~' || used + 1 >= WORD_SIZE || n >= WORDS)
				return 0;
			word[n][used++] = text[i];
			continue;
		}
		if (used == 0 || n >= WORDS)
			return 0;
		word[n++][used] = '\0';
		used = 0;
	}
	return n;
}

/* A number as "%u" prints it: digits only, and no zero before others. */
static bool
take_number(const char *word, int64_t min, int64_t max, int64_t *out)
{
	return eg_is_digit(word[0]) && (word[0] != '0' || word[1] == '\0') &&
	    eg_int_parse(word, min, max, out) == EG_NUMBER_OK;
}

static bool
take_run(const char *word, uint32_t *out)
{
	static const char digits[] = "0123456789abcdef";
	uint32_t n = 0;

	if (strlen(word) != HEX_DIGITS)
		return false;
	for (const char *p = word; *p != '\0'; p++) {
		const char *digit = strchr(digits, *p);

		if (digit == NULL)
			return false;
		n = n << 4 | (uint32_t)(digit - digits);
	}
	*out = n;
	return true;
}

bool
eg_split_reply_parse(const char *text, size_t len, struct eg_split_reply *out)
{
	char word[WORDS][WORD_SIZE], part[WORDS][WORD_SIZE];
	int64_t round, queue, count;

	if (cut(text, len, ' ', word) != 3 || strlen(word[1]) >= sizeof(out->answer.session) ||
	    !take_number(word[2], 0, INT64_MAX, &count) ||
	    cut(word[0], strlen(word[0]), '-', part) != 3 || !take_run(part[0], &out->run) ||
	    !take_number(part[1], 0, UINT32_MAX, &round) ||
	    !take_number(part[2], 0, EG_PARTITIONS_MAX - 1, &queue))
		return false;
	memcpy(out->answer.id, word[0], strlen(word[0]) + 1);
	memcpy(out->answer.session, word[1], strlen(word[1]) + 1);
	out->answer.count = (uint64_t)count;
	out->round = (uint32_t)round;
	out->queue = (uint32_t)queue;
	return true;
}

bool
eg_split_state_parse(const char *text, size_t len, struct eg_split_state *s)
{
	char word[WORDS][WORD_SIZE];
	size_t n = cut(text, len, ' ', word);
	int64_t a, b;

	if (n == 3 && strcmp(word[0], "change") == 0 &&
	    take_number(word[1], 1, EG_PARTITIONS_MAX, &a) &&
	    take_number(word[2], 1, EG_PARTITIONS_MAX, &b) && a != b) {
		s->before = (uint32_t)a;
		s->after = (uint32_t)b;
		return true;
	}
	/* The largest time is the one that fits as nanoseconds. */
	if (n == 2 && strcmp(word[0], "pause") == 0 &&
	    take_number(word[1], 1, INT64_MAX / EG_NS_PER_MS, &a)) {
		s->paused = a;
		return true;
	}
	if (n != 1 || strcmp(word[0], "switch") != 0)
		return false;
	s->switching = true;
	return true;
}
