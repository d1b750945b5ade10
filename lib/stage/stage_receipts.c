/* SPDX-License-Identifier: MIT */
/* The output side of a stage: receipts, in the order of the input. */
#include <limits.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/wait.h"
#include "stage/stage_parts.h"

enum {
	LAST_MS = 1000,
	/* Records that are looked at for a write of PIPE_BUF bytes; a record has 24 or more. */
	PIECE_RECORDS = PIPE_BUF / 24 + 1,
};

/* The number of records from number k on that are safe, at most `most`. */
static size_t
count_out(const struct eg_stage *s, uint64_t k, size_t most)
{
	size_t n = 0;

	while (n < most && s->fate[(k + n) & s->mask] == EG_OUT)
		n++;
	return n;
}

/* Receipts that are contiguous in memory: the n from number s->receipted on, without the part of
 * the first that is already written. */
struct receipts {
	const char *text;
	size_t len, n;
};

/* Of n records from number k on, how many are there before one that does not directly follow the
 * one before it. */
static size_t
count_joined(const struct eg_stage *s, uint64_t k, size_t n)
{
	const char *end = s->rec[k & s->mask].line;

	if (s->joined <= k)
		return n;
	for (size_t i = 0; i < n; i++) {
		const struct eg_record *r = &s->rec[(k + i) & s->mask];

		if (r->line != end && r->line + s->in.size != end)
			return i;
		end = r->line + r->len + 1;
	}
	return n;
}

/* Finds the next receipts, skipping refused records. Returns whether there are any. */
static bool
next_receipts(struct eg_stage *s, struct receipts *out)
{
	uint64_t k = s->receipted;
	size_t n;

	while (k < s->sent && s->fate[k & s->mask] == EG_REFUSED_RECORD)
		k++;
	s->receipted = k;
	n = (size_t)(s->sent - k);
	if (s->out.piece && n > PIECE_RECORDS)
		n = PIECE_RECORDS;
	n = count_out(s, k, n);
	if (n == 0)
		return false;
	out->n = count_joined(s, k, n);
	out->text = s->rec[k & s->mask].line + s->part;
	out->len = eg_stage_bytes(s, k, out->n) - s->part;
	return true;
}

/* Frees the input up to the first record without a receipt. */
static void
release_input(struct eg_stage *s)
{
	eg_lines_release(&s->in,
	    s->receipted < s->end ? s->rec[s->receipted & s->mask].line : NULL);
}

/* Of receipts of which `left` bytes are written, with s->part: how many are whole. Leaves the bytes
 * of the next one in s->part. */
static size_t
count_whole(struct eg_stage *s, size_t left)
{
	size_t n = 0, whole;

	for (; left > 0; left -= whole, n++) {
		whole = (size_t)s->rec[(s->receipted + n) & s->mask].len + 1;
		if (left < whole)
			break;
	}
	s->part = left;
	return n;
}

/* Writes as much of r as standard output accepts: any number of receipts, and part of one. */
static int
write_receipts(struct eg_stage *s, const struct receipts *r, bool *taken)
{
	ssize_t len = eg_output_write(&s->out, r->text, r->len, &s->loop.error);
	size_t n = r->n;

	*taken = len > 0;
	if (len < 0)
		return -1;
	if ((size_t)len < r->len)
		n = count_whole(s, s->part + (size_t)len);
	else
		s->part = 0;
	s->receipted += n;
	s->loop.metrics.out += n;
	release_input(s);
	return 0;
}

int
eg_stage_receipts(struct eg_stage *s, bool *blocked)
{
	struct receipts next;
	bool taken;

	*blocked = false;
	while (!s->out.gone && next_receipts(s, &next)) {
		int rc = eg_rejects_sync(&s->loop.rejects, &s->loop.error);

		if (rc != 0)
			return rc < 0 ? -1 : 0;
		taken = false;
		if (eg_output_ready(&s->out) && write_receipts(s, &next, &taken) != 0)
			return -1;
		if (!taken && !s->out.gone) {
			*blocked = true;
			return 0;
		}
	}
	release_input(s);
	return 0;
}

void
eg_stage_last_receipts(struct eg_stage *s)
{
	bool blocked = true;

	while (blocked && eg_stage_receipts(s, &blocked) == 0 && blocked) {
		struct pollfd p = { .fd = s->out.fd, .events = POLLOUT };

		if (!eg_wait_fds(&p, 1, eg_mono_ms() + LAST_MS))
			return;
	}
}
