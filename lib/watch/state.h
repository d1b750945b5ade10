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

#endif
