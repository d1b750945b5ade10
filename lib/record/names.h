/* SPDX-License-Identifier: MIT */
/* Numbers for sensors: 0, 1, 2 in the order in which names first come. What a program knows
 * of each sensor is then an array. */
#ifndef EG_NAMES_H
#define EG_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define EG_NAMES_NONE UINT32_MAX

/* All zero: empty. Takes about 20 bytes per name, plus its text. */
struct eg_names {
	uint64_t *slot;   /* upper half: 32 bits of the hash; lower half: the number + 1; 0: empty */
	size_t mask;
	uint32_t *text_at; /* where each name's length and text are in text */
	char *text;
	size_t text_len, text_room, room; /* room: how many numbers text_at holds */
	uint32_t n; /* names */
};

/* The number of the name (1 to 255 bytes), which is added if it is new: then it is n - 1.
 * EG_NAMES_NONE when memory runs out. Never blocks. */
uint32_t eg_names_add(struct eg_names *t, const char *name, size_t len);

/* The number of the name, or EG_NAMES_NONE. */
uint32_t eg_names_find(const struct eg_names *t, const char *name, size_t len);

/* The name of a number below n, without a NUL; valid until the next eg_names_add. */
const char *eg_names_text(const struct eg_names *t, uint32_t number, size_t *len);

/* Empties it and frees its memory. */
void eg_names_close(struct eg_names *t);

#endif
