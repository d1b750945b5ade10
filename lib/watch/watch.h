/* SPDX-License-Identifier: MIT */
/* Watches readings by rules: records in, edges out. An edge says when a rule begins to hold
 * for a sensor, and when it ends. */
#ifndef EG_WATCH_H
#define EG_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "watch/rules.h"

struct eg_error;
struct eg_record;
struct eg_watch;

/* The record of an edge, `watch/RULE/SENSOR:TIME:1` or 0, with its newline; valid during the
 * call. -1 with *e ends the call that led to it. */
typedef int eg_watch_edge(void *ctx, const char *line, size_t len, struct eg_error *e);

/* rules must outlive it. live: silence is told by the clock of eg_watch_tick, else by the times
 * of all records. Memory: some 130 bytes a sensor with its name, 40 for each rule that
 * matches it, 1,600 for a rule of the kind unusual. NULL with *e. */
struct eg_watch *eg_watch_new(const struct eg_watch_rules *rules, bool live, eg_watch_edge *edge,
    void *ctx, struct eg_error *e);
void eg_watch_free(struct eg_watch *w);

/* Takes a reading. One that is not newer than the last one of its sensor changes nothing, so
 * that readings may come again. */
int eg_watch_take(struct eg_watch *w, const struct eg_record *r, struct eg_error *e);

/* Lets the clock pass, for live ones: now in nanoseconds since 1970. Call it in front of the
 * records that have arrived, and when eg_watch_due has come. */
int eg_watch_tick(struct eg_watch *w, int64_t now, struct eg_error *e);

/* When eg_watch_tick is wanted next, on eg_mono_ms's clock: when a sensor may be silent, but a
 * minute from now at the latest, since the clock may be set; INT64_MAX: not by the clock. */
int64_t eg_watch_due(const struct eg_watch *w);

/* The input has ended: the newest time of all records tells of silence. */
int eg_watch_end(struct eg_watch *w, struct eg_error *e);

/* Counters: sensors, edges, and records that were not newer. */
struct eg_watch_counts {
	uint64_t sensors, edges, late;
};
const struct eg_watch_counts *eg_watch_counts(const struct eg_watch *w);

/* Replaces the file at path by the state, on disk when it returns 0; blocks. -1 with *e. */
int eg_watch_save(struct eg_watch *w, const char *path, struct eg_error *e);

/* Takes up the state of a file; one that does not exist is an empty state. What it holds of
 * rules that are gone, or are of another kind now, is forgotten. -1 with EG_CONFIG. */
int eg_watch_load(struct eg_watch *w, const char *path, struct eg_error *e);

/* The same for a text of len bytes, which is changed. */
int eg_watch_restore(struct eg_watch *w, const char *path, char *text, size_t len,
    struct eg_error *e);

#endif
