/* SPDX-License-Identifier: MIT */
/* Reports events of registers on standard error. */
#include "base/diag.h"
#include "base/fixed.h"
#include "energy/parts.h"

enum { SHOWN = 20 };

/* Formatted texts for one message. */
struct words {
	char sensor[EG_QUOTE_MAX], time[EG_TIME_SIZE], value[EG_FIXED_SIZE];
};

static struct words
words_of(const struct eg_energy *n, uint32_t i, const struct eg_point *p)
{
	struct words w = { .sensor = "" };
	size_t len;
	const char *name = eg_names_text(&n->names, i, &len);

	eg_quote(name, len, w.sensor);
	eg_time_format(p->ns, w.time);
	eg_fixed_put(p->value, eg_wide_of(EG_FIXED_ONE), 9, false, w.value);
	return w;
}

/* Number of glitches, resets and exchanged meters, the events that cause a warning. */
static uint64_t
warned(const struct eg_energy *n)
{
	return n->events[EG_EVENT_GLITCH] + n->events[EG_EVENT_RESET] + n->events[EG_EVENT_EXCHANGED];
}

void
eg_energy_tell(struct eg_energy *n, uint32_t i, enum eg_event event, const struct eg_point *p)
{
	static const char *const what[] = {
		[EG_EVENT_GLITCH] = "is left out",
		[EG_EVENT_RESET] = "is counted on from",
		[EG_EVENT_EXCHANGED] = "is counted on from",
		[EG_EVENT_ROLLOVER] = "is behind the modulus",
	};
	struct words w;

	n->events[event]++;
	if (event == EG_EVENT_ROLLOVER) {
		w = words_of(n, i, p);
		eg_info("%s at %s: %s: %s %s", w.sensor, w.time, eg_event_name(event), w.value, what[event]);
	} else if (warned(n) <= SHOWN || n->o.all_events) {
		w = words_of(n, i, p);
		eg_warn("%s at %s: %s: %s %s", w.sensor, w.time, eg_event_name(event), w.value, what[event]);
	}
}

void
eg_energy_tell_undecided(struct eg_energy *n, uint32_t i)
{
	const struct eg_register *r = &n->sensor[i].past;
	struct words w;

	if (!r->suspects)
		return;
	if (++n->undecided <= SHOWN || n->o.all_events) {
		w = words_of(n, i, &r->suspect);
		eg_warn("%s at %s: undecided: %s is not plausible, and no reading follows", w.sensor, w.time,
		    w.value);
	}
}

void
eg_energy_tell_rest(const struct eg_energy *n)
{
	uint64_t all = warned(n);

	if (!n->o.all_events && (all > SHOWN || n->undecided > SHOWN))
		eg_warn("in all %llu glitches, %llu resets, %llu exchanged meters, %llu undecided; -v names each",
		    (unsigned long long)n->events[EG_EVENT_GLITCH],
		    (unsigned long long)n->events[EG_EVENT_RESET],
		    (unsigned long long)n->events[EG_EVENT_EXCHANGED], (unsigned long long)n->undecided);
	if (n->unknown > 0)
		eg_warn("%llu sensors match no line of '%s' and were passed over; --from gives them a kind",
		    (unsigned long long)n->unknown, n->o.meters);
}
