/* SPDX-License-Identifier: MIT */
/* What the files of the stage share. */
#ifndef EG_STAGE_PARTS_H
#define EG_STAGE_PARTS_H

#include "base/loop.h"
#include "base/output.h"
#include "record/lines.h"
#include "stage/stage.h"

/* How much may be pending at once. 2 MiB carry 40 MB/s over a round trip of 50 ms; more only
 * adds latency. */
enum {
	EG_STAGE_BYTES = 2 * 1024 * 1024,
	EG_STAGE_RECORDS = 65536,
};

enum eg_fate { EG_PENDING, EG_OUT, EG_REFUSED_RECORD };

/* Records have numbers that only grow; number k is at k % EG_STAGE_RECORDS in rec and fate.
 * Those in [receipted, sent) were sent, those in [sent, end) wait for their batch. */
struct eg_stage {
	struct eg_sink *sink;
	struct eg_loop loop;
	struct eg_lines in;
	struct eg_output out;
	struct eg_record *rec;
	unsigned char *fate; /* enum eg_fate */
	uint64_t receipted, sent, end;
	int64_t order; /* of the last order line; 0: none came */
	size_t part;   /* bytes of the next receipt that are written already */
	struct eg_batch *batches, *free;
	size_t partials; /* pending batches that are not full */
	bool reading;
	bool dry; /* no whole line is left of the input that was read */
};

/* stage_batches.c: parses the lines that were read, as far as there is room. */
void eg_stage_parse(struct eg_stage *s);

/* Sends full batches while the sink is ready, and one that is not full only while no other
 * such batch is pending. -1 with s->loop.error. */
int eg_stage_send(struct eg_stage *s);

/* stage_receipts.c: writes receipts as far as standard output takes them, once the lines that
 * were refused before them are on disk. *blocked: standard output takes no more now. -1 with
 * s->loop.error. */
int eg_stage_receipts(struct eg_stage *s, bool *blocked);

/* Writes the receipts of all records that are safe, whatever ended the stage. Waits for the
 * reader of standard output for at most a second without progress. */
void eg_stage_last_receipts(struct eg_stage *s);

#endif
