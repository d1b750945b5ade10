/* SPDX-License-Identifier: MIT */
/* The state of a watch as a text file, so that a program started again goes on where the last
 * one ended:
 *
 *	eg-watch state 1
 *	SENSOR<tab>LAST
 *	<tab>RULE<tab>KIND<tab>ON<tab>KNOWN<tab>SINCE<tab>REF
 *	<tab><tab>HOUR<tab>SUM<tab>N<tab>DEVIATION<tab>DEVIATIONS<tab>SLOT:WEEKS:MEAN...
 *	end
 *
 * with a line for each rule below its sensor. Times are nanoseconds since 1970; numbers have
 * 17 digits, which is all of a double. Changes are appended in the same form, without the first
 * line; of several blocks of a sensor the last one counts. What follows the last `end`, or
 * holds a NUL, was not on disk when the program was killed, and does not count. */
#ifndef EG_WATCH_STATE_H
#define EG_WATCH_STATE_H

#define EG_WATCH_STATE_HEAD "eg-watch state 1"
#define EG_WATCH_STATE_TAIL "end"

struct eg_error;

/* Locks the state at path for this process: an flock(2) on a file of its own, path.lock, since
 * the state is replaced while it is used. If path is a symbolic link, the lock is beside its
 * target. Returns the descriptor, which commands do not inherit; closing it unlocks, the file
 * stays. -1 with EG_TEMPORARY if another process has the lock, with EG_CONFIG if path is not a
 * regular file, or with EG_LOCAL_IO. */
int eg_watch_lock(const char *path, struct eg_error *e);

#endif
