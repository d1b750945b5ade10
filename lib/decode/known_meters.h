/* SPDX-License-Identifier: MIT */
/* What the sensors of each format measure, as a file of meters. */
#ifndef EG_KNOWN_METERS_H
#define EG_KNOWN_METERS_H

/* The text of a file for energyguard-meters(5) with a line for each sensor of the format,
 * whatever the device is called. NULL: the format is unknown, or its messages may hold
 * anything. Static storage. */
const char *eg_known_meters(const char *format);

#endif
