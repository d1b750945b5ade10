/* SPDX-License-Identifier: MIT */
/* What OBIS codes mean. */
#ifndef EG_OBIS_H
#define EG_OBIS_H

#include <stdbool.h>
#include <stddef.h>

/* The field of the code C.D.E (one that ends in .0 may be given without that), and the unit
 * of its readings in the manual; both static. False: the code is not known. */
bool eg_obis_find(const char *code, size_t len, const char **field, const char **unit);

#endif
