/* SPDX-License-Identifier: MIT */
/* Parses COSEM data (IEC 62056-6-2), a tree of typed values, into a list of its leaves. */
#ifndef EG_COSEM_H
#define EG_COSEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EG_COSEM_LEAVES = 256 };

/* Types of leaves (IEC 62056-6-2, 4.1.5). */
enum eg_cosem_type {
	EG_COSEM_NULL = 0, EG_COSEM_BOOLEAN = 3, EG_COSEM_BITS = 4, EG_COSEM_INT32 = 5,
	EG_COSEM_UINT32 = 6, EG_COSEM_OCTETS = 9, EG_COSEM_TEXT = 10, EG_COSEM_UTF8 = 12,
	EG_COSEM_BCD = 13, EG_COSEM_INT8 = 15, EG_COSEM_INT16 = 16, EG_COSEM_UINT8 = 17,
	EG_COSEM_UINT16 = 18, EG_COSEM_INT64 = 20, EG_COSEM_UINT64 = 21, EG_COSEM_ENUM = 22,
	EG_COSEM_FLOAT32 = 23, EG_COSEM_FLOAT64 = 24, EG_COSEM_DATE_TIME = 25, EG_COSEM_DATE = 26,
	EG_COSEM_TIME = 27,
};

/* A leaf. Its content is the n bytes at p, which point into the data. */
struct eg_cosem_leaf {
	int type;
	size_t n;
	const unsigned char *p;
};

/* Parses the len bytes at p. Sets *n to the number of leaves, EG_COSEM_LEAVES at most. Returns
 * NULL, or the reason for the failure (static storage). */
const char *eg_cosem_read(const unsigned char *p, size_t len, struct eg_cosem_leaf *leaf,
    size_t *n);

/* Writes the leaf as a decimal integer to text (24 bytes). Returns false if it is not an
 * integer. */
bool eg_cosem_number(const struct eg_cosem_leaf *l, char *text);

/* The value of a leaf that is a small integer: a scaler, a unit or an index; 0 for any other
 * leaf. */
int eg_cosem_small(const struct eg_cosem_leaf *l);

/* Whether the leaf is an OBIS code of six bytes, A.B.C.D.E.255. */
bool eg_cosem_is_obis(const struct eg_cosem_leaf *l);

/* Parses a date and time of 12 bytes. Returns 1: *ns is an instant. Returns 0: the deviation
 * from UTC is not given; *ns is the local time, counted as if it were UTC. Returns -1: not a
 * date and time, or not given. */
int eg_cosem_time(const unsigned char *p, size_t n, int64_t *ns);

#endif
