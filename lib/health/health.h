/* SPDX-License-Identifier: MIT */
/* Whether a program is healthy, by the counters that it writes once a second (see
 * base/metrics.h). Reads no clock and does no I/O: the caller gives bytes and times. */
#ifndef EG_HEALTH_H
#define EG_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Set limit_ms and zero the rest. Times are on eg_mono_ms's clock; 0: never. */
struct eg_health {
	int64_t limit_ms; /* unhealthy after so long without a receipt, peer or counters */
	char *text;       /* the newest counters, in Prometheus' text format; NULL: none yet */
	size_t len;
	char *next;       /* what has come of the ones after them */
	size_t next_len;
	char program[64]; /* the name in the counters; "" before the first ones */
	uint64_t settled; /* records that are out or refused */
	uint64_t pending; /* records that wait for a receipt */
	uint64_t peer_away_s; /* since so many seconds the peer is unavailable; 0: it is there */
	int64_t seen;     /* when counters came last */
	int64_t settled_at; /* when the number of settled records has changed last */
	int64_t moved;    /* when a record was settled, or none waited, last */
};

/* Takes bytes of the stream of counters, in pieces of any size. Counters begin with the line of
 * records_in and end with `# EOF`; anything else is passed over. Returns whether new counters
 * are complete. Counters of more than a megabyte are discarded. */
bool eg_health_feed(struct eg_health *h, const char *bytes, size_t len, int64_t now);

/* Takes counters that are known without a text: records settled so far, records that wait, and for
 * how many seconds the peer is unavailable. */
void eg_health_note(struct eg_health *h, uint64_t settled, uint64_t pending, uint64_t peer_away_s,
    int64_t now);

/* Whether the program lives: counters came within the limit. */
bool eg_health_alive(const struct eg_health *h, int64_t now);

/* Why the program is unhealthy, written to out; NULL: it is healthy. */
const char *eg_health_fault(const struct eg_health *h, int64_t now, char *out, size_t size);

/* Writes the newest counters, and what follows from them, as eg_health_print_state does. */
void eg_health_print(const struct eg_health *h, int64_t now, FILE *f);

/* Writes healthy, alive, seconds since the last receipt, and seconds since when records wait
 * without any, in Prometheus' text format. */
void eg_health_print_state(const struct eg_health *h, int64_t now, FILE *f);

#define EG_HEALTH_ANSWER 384

/* Writes the body of /health and /live to out, JSON in the form of InfluxDB's /health, with its
 * newline. why: what is wrong; NULL: nothing. Returns its length. */
size_t eg_health_answer(const struct eg_health *h, const char *why, char out[EG_HEALTH_ANSWER]);

/* Frees what h holds. */
void eg_health_free(struct eg_health *h);

#endif
