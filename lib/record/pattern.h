/* SPDX-License-Identifier: MIT */
/* Patterns for sensors, as fnmatch(3) takes them. */
#ifndef EG_PATTERN_H
#define EG_PATTERN_H

/* Why no sensor can match the pattern, for "the pattern X matches no sensor: ", or NULL. Static
 * storage. */
const char *eg_pattern_fault(const char *pattern);

#endif
