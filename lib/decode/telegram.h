/* SPDX-License-Identifier: MIT */
/* A telegram with OBIS codes, split into its lines. obis.c knows the codes. */
#ifndef EG_TELEGRAM_H
#define EG_TELEGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_emit;

enum { EG_TELEGRAM_CHANNELS = 10 };

/* A line, split: A-B:C.D.E(last) or A-B:C.D.E(first)(last). The parts point into the body. */
struct eg_telegram_line {
	const char *code; /* C.D.E */
	size_t code_len;
	int channel;      /* B; 0 if absent */
	const char *first, *last;
	size_t first_len, last_len;
	int groups;       /* number of groups in parentheses */
	const char *open, *end; /* the first parenthesis; the end of the line */
};

struct eg_telegram {
	struct eg_emit *s;
	const char *at, *end;
	bool p1;         /* its times have marks for winter and summer */
	int64_t ns;      /* time of the telegram, in nanoseconds since 1970 */
	int type[EG_TELEGRAM_CHANNELS];
	/* DSMR 2 and 3: the head of a profile, whose reading is on the next line. */
	struct eg_telegram_line profile;
	bool in_profile;
};

/* Whether the line has this code; a final .0 may be absent. */
bool eg_telegram_is_code(const struct eg_telegram_line *l, const char *code);

/* Parses a time of the meter, `101209112500W`, into *ns. -1 if the message is refused. */
int eg_telegram_time(struct eg_telegram *t, const char *text, size_t len, int64_t *ns);

/* Emits the readings of a line with a code. -1 if the message is refused. */
int eg_telegram_put(struct eg_telegram *t, const struct eg_telegram_line *l);

/* Emits the reading `(value)` on the line after the head of a profile. -1 if the message is
 * refused. */
int eg_telegram_put_profile(struct eg_telegram *t, const char *text, size_t len);

#endif
