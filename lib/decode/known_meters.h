/* SPDX-License-Identifier: MIT */
/* The quantities of each format's sensors, as a file of meters. */
#ifndef EG_KNOWN_METERS_H
#define EG_KNOWN_METERS_H

/* The text of a file of meters (energyguard-meters(5)) with a line for each sensor of the
 * format, for any device name. NULL if the format is unknown, or has no fixed sensors. Static
 * storage. */
const char *eg_known_meters(const char *format);

#endif
