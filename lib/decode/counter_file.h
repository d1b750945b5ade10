/* SPDX-License-Identifier: MIT */
/* A file with the last frame counter of each meter, so that a replay is also found after a
 * restart. A line for each meter: its system title in hexadecimal digits, and the counter. */
#ifndef EG_COUNTER_FILE_H
#define EG_COUNTER_FILE_H

struct eg_dlms_counters;
struct eg_error;

/* Adds the counters in the file at path to c; a file that does not exist holds none. Then writes
 * the file, so that a file that cannot be written is found at once. Blocks for the disk. -1 with
 * EG_CONFIG if the content is not one of such a file, and with EG_LOCAL_IO. */
int eg_counter_file_open(struct eg_dlms_counters *c, const char *path, struct eg_error *e);

/* Replaces the file by the counters of settled messages, if one has changed since it was last
 * written. The new content is on disk when this returns 0. -1 with EG_LOCAL_IO, and with EG_BUG if
 * memory runs out. */
int eg_counter_file_save(struct eg_dlms_counters *c, const char *path, struct eg_error *e);

#endif
