/* SPDX-License-Identifier: MIT */
/* Counts reasons for refusals by kind. Two reasons are of one kind if they differ only in
 * numbers and quoted text. */
#ifndef EG_REJECT_KINDS_H
#define EG_REJECT_KINDS_H

#include <stddef.h>
#include <stdint.h>

enum { EG_REJECT_KINDS = 32, EG_REJECT_KIND_TEXT = 160, EG_REJECT_PLACE = 240 };

/* One kind: its first reason, the place of that, and the number of refusals. */
struct eg_reject_kind {
	char reason[EG_REJECT_KIND_TEXT], place[EG_REJECT_PLACE];
	uint64_t count;
};

/* All kinds; all zero: no refusal yet. When the array is full, the last entry counts every
 * further kind. */
struct eg_reject_kinds {
	struct eg_reject_kind at[EG_REJECT_KINDS];
	size_t n, last;
};

/* Counts a refusal for `reason` at `place`. Returns its kind; a count of 1 shows that it is new. */
const struct eg_reject_kind *eg_reject_kinds_add(struct eg_reject_kinds *k, const char *place,
    const char *reason);

/* Writes what all reasons of the kind have in common to out, for the value of a label: numbers are
 * 0, quoted text is '...', and no character of it needs an escape. Nothing of a reading is in it.
 * Returns out. */
const char *eg_reject_kind_name(const struct eg_reject_kind *k, char out[EG_REJECT_KIND_TEXT]);

#endif
