/* SPDX-License-Identifier: MIT */
/* What the files of the stage share. */
#ifndef EG_STAGE_PARTS_H
#define EG_STAGE_PARTS_H

#include "base/loop.h"
#include "base/output.h"
#include "record/lines.h"
#include "stage/stage.h"

/* How much may be pending at once, unless the sink says so. 2 MiB carry 40 MB/s over a round trip
 * of 50 ms; more only adds latency. There is room for a record in each EG_STAGE_LINE bytes. */
enum {
	EG_STAGE_BYTES = 2 * 1024 * 1024,
	EG_STAGE_LINE = 32,
};

enum eg_fate { EG_PENDING, EG_OUT, EG_REFUSED_RECORD };

/* Records are numbered from 0; number k is at k & mask in rec and fate. Numbers in
 * [receipted, sent) were sent; those in [sent, end) wait for their batch. */
struct eg_stage {
	struct eg_sink *sink;
	struct eg_loop loop;
	struct eg_lines in;
	struct eg_output out;
	struct eg_record *rec;
	unsigned char *fate; /* values of enum eg_fate */
	uint64_t mask; /* size of these rings, a power of two, minus one */
	uint64_t receipted, sent, end;
	/* Records from number `joined` on follow one another in the input; the last one ends at the
	 * position `behind` of it. */
	uint64_t joined, behind;
	int64_t order; /* number in the last order line; 0: none */
	size_t part;   /* bytes of the next receipt that are already written */
	struct eg_batch *batches, *free;
	size_t partials; /* number of pending batches that are not full */
	bool reading;
	bool dry; /* the input that was read has no further complete line */
};

/* In stage_batches.c: parses lines that were read, as long as there is room. */
void eg_stage_parse(struct eg_stage *s);

/* The bytes of n records (n > 0) with their newlines, if they follow one another in the input. */
size_t eg_stage_bytes(const struct eg_stage *s, uint64_t first, size_t n);

/* Sets the fates of n records from number first on. */
void eg_stage_set_fates(struct eg_stage *s, uint64_t first, size_t n, enum eg_fate fate);

/* Sends full batches while the sink is ready. A batch that is not full is sent only while no
 * other such batch is pending. -1 with s->loop.error. */
int eg_stage_send(struct eg_stage *s);

/* In stage_receipts.c: writes as many receipts as standard output accepts. Refused lines before
 * them must be on disk first. *blocked: standard output accepts no more now. -1 with
 * s->loop.error. */
int eg_stage_receipts(struct eg_stage *s, bool *blocked);

/* Writes the receipts of all safe records, for whatever reason the stage has ended. Waits at
 * most one second without progress for the reader of standard output. */
void eg_stage_last_receipts(struct eg_stage *s);

#endif
