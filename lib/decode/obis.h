/* SPDX-License-Identifier: MIT */
/* The meaning of OBIS codes. */
#ifndef EG_OBIS_H
#define EG_OBIS_H

#include <stdbool.h>
#include <stddef.h>

/* Finds the code C.D.E (a final .0 may be absent). Sets *field to its field, and *unit to the
 * unit of its readings in the manual; both are static. Returns false if the code is unknown. */
bool eg_obis_find(const char *code, size_t len, const char **field, const char **unit);

#endif
