/* SPDX-License-Identifier: MIT */
/* Applies rules to readings. Input: records. Output: edges, which report when a rule begins to
 * hold for a sensor and when it ends. */
#ifndef EG_WATCH_H
#define EG_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "watch/rules.h"

struct eg_error;
struct eg_record;
struct eg_watch;

/* Receives an edge, which is the record `watch/RULE/SENSOR:TIME:1` (begin) or `...:0` (end)
 * with its newline; valid during the call. If it returns -1 with *e, the function that called
 * it fails too. */
typedef int eg_watch_edge(void *ctx, const char *line, size_t len, struct eg_error *e);

/* rules must outlive the watch. live: silence is measured by the clock (eg_watch_tick),
 * otherwise by the times of the records. Memory: about 130 bytes for each sensor with its
 * name, 40 for each rule that matches it, 1,600 for a rule of the kind unusual. NULL with *e. */
struct eg_watch *eg_watch_new(const struct eg_watch_rules *rules, bool live, eg_watch_edge *edge,
    void *ctx, struct eg_error *e);
void eg_watch_free(struct eg_watch *w);

/* Prefetches the state of the sensors of the next n records (up to EG_NAMES_AHEAD). */
void eg_watch_ahead(struct eg_watch *w, const struct eg_record *r, size_t n);

/* Applies the rules to a reading. Ignores a reading that is not newer than its sensor's last
 * one, so readings may be sent twice. */
int eg_watch_take(struct eg_watch *w, const struct eg_record *r, struct eg_error *e);

/* live only: sets the time to now (eg_wall_ns) and emits new silences. Call it before
 * eg_watch_take for records that have just arrived, and at the time of eg_watch_due.
 * steady: eg_mono_ns at the same moment. It shows when the system clock was set, by 1 s or
 * more, or the machine slept: that time is no silence. */
int eg_watch_tick(struct eg_watch *w, int64_t now, int64_t steady, struct eg_error *e);

/* When to call eg_watch_tick next, on eg_mono_ms's clock: at the next possible silence, but
 * within 1 minute, since the system clock may be set. INT64_MAX: no call is needed. */
int64_t eg_watch_due(const struct eg_watch *w);

/* Call at the end of the input. Not live: emits silences up to the newest time of all records. */
int eg_watch_end(struct eg_watch *w, struct eg_error *e);

/* Counters: sensors, edges, and records ignored because they were not newer. */
struct eg_watch_counts {
	uint64_t sensors, edges, late;
};
const struct eg_watch_counts *eg_watch_counts(const struct eg_watch *w);

/* Saves the state in the file at path: the first time as a whole, replacing the file, later
 * by appending the sensors that have changed, until the appended part is larger than the
 * whole. A file that is not as it was left is replaced. The state is on disk when this returns
 * 0. Blocks. -1 with *e. */
int eg_watch_save(struct eg_watch *w, const char *path, struct eg_error *e);

/* The end of the name of the lock beside a state. */
#define EG_WATCH_LOCK_END ".lock"

/* Locks the state until eg_watch_free, and loads it from a file; a missing file is an empty
 * state. State of rules that were removed or have another kind now is dropped. -1 with
 * EG_CONFIG, with EG_TEMPORARY if another process has the lock, or with EG_LOCAL_IO if
 * eg_watch_save could not write the file. */
int eg_watch_load(struct eg_watch *w, const char *path, struct eg_error *e);

/* As eg_watch_load, from a text that a NUL ends; changes it. path is for messages. */
int eg_watch_restore(struct eg_watch *w, const char *path, char *text, struct eg_error *e);

#endif
