/* SPDX-License-Identifier: MIT */
/* How records flow through a program that gives receipts: the sizes of its batches, how long
 * records wait for their receipts, and the one that waits longest. Receipts come in the order of
 * the records, so all this follows from two counters and the clock. Nothing is kept per record. */
#ifndef EG_FLOW_H
#define EG_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/histogram.h"

enum { EG_FLOW_MARKS = 128 };

/* Records up to number `end`, counted from 1, were taken at `at`, on eg_mono_ms's clock. */
struct eg_flow_mark {
	uint64_t end;
	int64_t at;
};

struct eg_flow {
	struct eg_histogram batches, latency;
	/* The time that the oldest record without a receipt has in its text, in ns since 1970.
	 * Called when counters are written. false: not known. NULL: never known. */
	bool (*oldest_time)(const void *of, int64_t *ns);
	const void *of;
	/* private: */
	uint64_t taken, settled;
	struct eg_flow_mark mark[EG_FLOW_MARKS]; /* of the records without a receipt */
	size_t marks;
	int64_t step_ms; /* least time from one mark to the next */
};

void eg_flow_init(struct eg_flow *f);

/* Counts a batch of so many records. */
void eg_flow_batch(struct eg_flow *f, uint64_t records);

/* Notes how many records were taken so far, at the time now on eg_mono_ms's clock. If many marks
 * are in use, new ones are farther apart: then the newer records of a mark seem to wait longer
 * than they do, by 2 % of the longest wait or less. */
void eg_flow_taken(struct eg_flow *f, uint64_t taken, int64_t now);

/* Notes how many of them are out or refused so far. */
void eg_flow_settled(struct eg_flow *f, uint64_t settled, int64_t now);

/* Since when the oldest record without a receipt waits, on eg_mono_ms's clock; 0: none waits. */
int64_t eg_flow_oldest(const struct eg_flow *f);

/* Writes all of it in Prometheus' text format. */
void eg_flow_print(FILE *out, const struct eg_flow *f, int64_t now);

#endif
