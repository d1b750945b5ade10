/* SPDX-License-Identifier: MIT */
/* A telegram of lines with OBIS codes, taken apart; what its codes mean is obis.c's. */
#ifndef EG_TELEGRAM_H
#define EG_TELEGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eg_emit;

enum { EG_TELEGRAM_CHANNELS = 10 };

/* A line taken apart: A-B:C.D.E(last) or (first)(last), each pointing into the body. */
struct eg_telegram_line {
	const char *code; /* C.D.E */
	size_t code_len;
	int channel;      /* B, 0 where there is none */
	const char *first, *last;
	size_t first_len, last_len;
	int groups;       /* in parentheses */
	const char *open, *end; /* the first parenthesis, and the end of the line */
};

struct eg_telegram {
	struct eg_emit *s;
	const char *at, *end;
	bool p1;         /* with marks of winter and summer */
	int64_t ns;      /* of the telegram */
	int type[EG_TELEGRAM_CHANNELS];
	/* DSMR 2 and 3: a profile's head, whose reading is on the next line. */
	struct eg_telegram_line profile;
	bool in_profile;
};

/* Whether the line has the code; one that ends in .0 may be given without that. */
bool eg_telegram_is_code(const struct eg_telegram_line *l, const char *code);

/* Reads a time of the meter, `101209112500W`, into *ns. -1: refused. */
int eg_telegram_time(struct eg_telegram *t, const char *text, size_t len, int64_t *ns);

/* Emits the readings of a line with a code. -1: refused. */
int eg_telegram_put(struct eg_telegram *t, const struct eg_telegram_line *l);

/* Emits the reading `(value)` on the line below a profile's head. -1: refused. */
int eg_telegram_put_profile(struct eg_telegram *t, const char *text, size_t len);

#endif
