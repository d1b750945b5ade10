/* SPDX-License-Identifier: MIT */
/* The register of a meter: which steps between its readings count. */
#ifndef EG_REGISTER_H
#define EG_REGISTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/wide.h"

struct eg_quantity;

/* A reading: nanoseconds since 1970-01-01T00:00:00Z, and 10^-9 of its unit. */
struct eg_point {
	int64_t ns;
	struct eg_wide value;
};

/* What is known of one register. Zeroed it has had no reading. base is the last reading that
 * is believed. A suspect is a later one that is not plausible from base; the next reading
 * decides about it. */
struct eg_register {
	struct eg_point base, suspect;
	bool begun, suspects;
};

struct eg_register_rule {
	const struct eg_quantity *quantity;
	struct eg_wide modulus; /* the register begins again at 0 here; 0: it does not */
	bool from_zero;         /* after a reset, what the register shows was counted from 0 */
};

enum eg_event {
	EG_EVENT_NONE,
	EG_EVENT_GLITCH,    /* a reading that is not believed */
	EG_EVENT_RESET,     /* the register was set back, and counts on */
	EG_EVENT_EXCHANGED, /* another meter, or another number: it counts on from there */
	EG_EVENT_ROLLOVER,  /* by the modulus */
};

/* The energy between two readings, in 10^-9 of the register's unit. */
struct eg_register_step {
	int64_t from, to;
	struct eg_wide amount;
};

/* What a reading has decided. */
struct eg_register_verdict {
	struct eg_register_step step[2];
	int steps;
	enum eg_event event;
	struct eg_point about; /* the reading that the event is about */
};

/* Takes a reading that is later than all before, within 2^63 ns of base. A step is plausible
 * when it is not negative, and not above the largest power times its duration. */
struct eg_register_verdict eg_register_take(struct eg_register *r,
    const struct eg_register_rule *rule, const struct eg_point *p);

/* A word for an event. Static storage. */
const char *eg_event_name(enum eg_event event);

#endif
