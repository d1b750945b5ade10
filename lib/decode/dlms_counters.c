/* SPDX-License-Identifier: MIT */
/* The last frame counter of each meter. */
#include "decode/dlms_counters.h"

#include <string.h>

#include "base/diag.h"
#include "decode/decode.h"

static size_t
find_meter(const struct eg_dlms_counters *c, const unsigned char *title)
{
	size_t i = 0;

	while (i < c->n && memcmp(c->meters[i].title, title, EG_DLMS_TITLE) != 0)
		i++;
	return i;
}

static void
warn_of_room(struct eg_dlms_counters *c)
{
	if (!c->warned)
		eg_warn("more than %d meters: the frame counters of those silent for longest are "
		    "forgotten", EG_DLMS_METERS);
	c->warned = true;
}

/* Moves the meter to the end of the array, and adds it if it is new. */
static struct eg_dlms_meter *
take_up(struct eg_dlms_counters *c, const unsigned char *title)
{
	struct eg_dlms_meter m = { .seen = -1, .safe = -1 }, *last;
	size_t i = find_meter(c, title);

	memcpy(m.title, title, EG_DLMS_TITLE);
	if (i < c->n) {
		m = c->meters[i];
	} else if (c->n < EG_DLMS_METERS) {
		c->n++;
	} else {
		warn_of_room(c);
		i = 0;
	}
	last = &c->meters[c->n - 1];
	memmove(&c->meters[i], &c->meters[i + 1], (c->n - 1 - i) * sizeof(m));
	*last = m;
	return last;
}

bool
eg_dlms_is_replay(const struct eg_dlms_counters *c, const struct eg_decode_counter *counter)
{
	size_t i = find_meter(c, counter->title);

	return i < c->n && counter->n <= c->meters[i].seen;
}

void
eg_dlms_note(struct eg_dlms_counters *c, const struct eg_decode_counter *counter)
{
	struct eg_dlms_meter *m = take_up(c, counter->title);

	if (m->seen < counter->n)
		m->seen = counter->n;
	c->ahead = true;
}

static void
settle_meter(struct eg_dlms_counters *c, struct eg_dlms_meter *m, int64_t counter)
{
	if (m->safe >= counter)
		return;
	m->safe = counter;
	if (m->seen < counter)
		m->seen = counter;
	c->changed = true;
}

void
eg_dlms_settle(struct eg_dlms_counters *c, const struct eg_decode_counter *counter)
{
	settle_meter(c, take_up(c, counter->title), counter->n);
}

void
eg_dlms_settle_all(struct eg_dlms_counters *c)
{
	for (size_t i = 0; i < c->n && c->ahead; i++)
		settle_meter(c, &c->meters[i], c->meters[i].seen);
	c->ahead = false;
}

void
eg_dlms_unsettle(struct eg_dlms_counters *c, const struct eg_decode_counter *counter)
{
	for (size_t i = 0; i < c->n; i++)
		if (counter == NULL || memcmp(c->meters[i].title, counter->title, EG_DLMS_TITLE) == 0)
			c->meters[i].seen = c->meters[i].safe;
}
