/* SPDX-License-Identifier: MIT */
/* Patterns for sensors, as in fnmatch(3). */
#ifndef EG_PATTERN_H
#define EG_PATTERN_H

/* The reason why no sensor can match the pattern, for "the pattern X matches no sensor: "; NULL
 * if sensors can match. Static storage. */
const char *eg_pattern_fault(const char *pattern);

#endif
