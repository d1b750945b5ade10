/* SPDX-License-Identifier: MIT */
/* Reasons for refusals, counted by kind: numbers and quoted texts in a reason do not make
 * another kind of it. */
#ifndef EG_REJECT_KINDS_H
#define EG_REJECT_KINDS_H

#include <stddef.h>
#include <stdint.h>

enum { EG_REJECT_KINDS = 32, EG_REJECT_KIND_TEXT = 160, EG_REJECT_PLACE = 240 };

/* A kind: the first reason as it was, where that was, and how many came. */
struct eg_reject_kind {
	char reason[EG_REJECT_KIND_TEXT], place[EG_REJECT_PLACE];
	uint64_t count;
};

/* All zero: no refusal yet. The last entry takes all kinds that come after it. */
struct eg_reject_kinds {
	struct eg_reject_kind at[EG_REJECT_KINDS];
	size_t n, last;
};

/* Counts a refusal for `reason` at `place`, and returns its kind, whose count is 1 when it is
 * new. */
const struct eg_reject_kind *eg_reject_kinds_add(struct eg_reject_kinds *k, const char *place,
    const char *reason);

#endif
