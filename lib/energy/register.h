/* SPDX-License-Identifier: MIT */
/* Registers of meters: decides which steps between readings count as energy. */
#ifndef EG_REGISTER_H
#define EG_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/wide.h"

struct eg_quantity;

/* A reading: time in ns since 1970, value in 10^-9 of its unit. */
struct eg_point {
	int64_t ns;
	struct eg_wide value;
};

/* State of one register. Initialise with zeros. base: the last reading that was accepted.
 * suspect: a later reading that is not plausible after base; the next reading decides about
 * it. */
struct eg_register {
	struct eg_point suspect, base;
	bool begun, suspects;
};

struct eg_register_rule {
	const struct eg_quantity *quantity;
	struct eg_wide modulus; /* value at which the register starts again at 0; 0: it never does */
	bool from_zero;         /* after a reset the register counts from 0, so its value is energy */
};

enum eg_event {
	EG_EVENT_GLITCH,    /* one wrong reading, ignored */
	EG_EVENT_RESET,     /* the register fell to a lower value, and continues from there */
	/* It jumped to a higher value, as after an exchange of the meter, and continues from there. */
	EG_EVENT_EXCHANGED,
	EG_EVENT_ROLLOVER,  /* it passed its modulus and started again at 0 */
};

/* The energy between two readings, in 10^-9 of the register's unit. */
struct eg_register_step {
	int64_t from, to;
	struct eg_wide amount;
};

/* The result of a reading: up to two steps of energy and two events, each in order of time. */
struct eg_register_verdict {
	struct eg_register_step step[2];
	int steps;
	enum eg_event event[2];
	struct eg_point about[2]; /* the reading that caused each event */
	int events;
};

/* Processes a reading. It must be later than all before it, and within 2^63 ns of base. A step
 * is plausible if it is not negative, and not above the largest power times its duration. */
struct eg_register_verdict eg_register_take(struct eg_register *r,
    const struct eg_register_rule *rule, const struct eg_point *p);

/* The event's name for messages. Static storage. */
const char *eg_event_name(enum eg_event event);

#endif
