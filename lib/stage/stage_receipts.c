/* SPDX-License-Identifier: MIT */
/* The output side of a stage: receipts, in the order of the input. */
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/wait.h"
#include "stage/stage_parts.h"

enum { LAST_MS = 1000 };

/* Finds the next receipts that are contiguous in memory, skipping refused records and the part that
 * is already written. Returns the length; 0: none. */
static size_t
next_receipts(struct eg_stage *s, const char **text)
{
	const unsigned char *fate = s->fate;
	const struct eg_record *rec = s->rec;
	ptrdiff_t most = s->out.piece ? PIPE_BUF : PTRDIFF_MAX;
	const char *begin, *end;
	uint64_t k = s->receipted, sent = s->sent, mask = s->mask, first;

	while (k < sent && fate[k & mask] == EG_REFUSED_RECORD)
		k++;
	s->receipted = first = k;
	end = rec[k & mask].line;
	*text = begin = end + s->part;
	for (; k < sent && fate[k & mask] == EG_OUT && end - begin < most; k++) {
		const struct eg_record *r = &rec[k & mask];

		if (r->line != end && r->line + s->in.size != end)
			break;
		end += r->len + 1;
	}
	return k > first ? (size_t)(end - begin) : 0;
}

/* Frees the input up to the first record without a receipt. */
static void
release_input(struct eg_stage *s)
{
	eg_lines_release(&s->in,
	    s->receipted < s->end ? s->rec[s->receipted & s->mask].line : NULL);
}

/* Writes as much of text as standard output accepts: any number of receipts, and part of one. */
static int
write_receipts(struct eg_stage *s, const char *text, size_t len, bool *taken)
{
	ssize_t n = eg_output_write(&s->out, text, len, &s->loop.error);
	size_t left, whole;

	*taken = n > 0;
	if (n < 0)
		return -1;
	for (left = s->part + (size_t)n; left > 0; left -= whole, s->receipted++,
	    s->loop.metrics.out++) {
		whole = (size_t)s->rec[s->receipted & s->mask].len + 1;
		if (left < whole)
			break;
	}
	s->part = left;
	release_input(s);
	return 0;
}

int
eg_stage_receipts(struct eg_stage *s, bool *blocked)
{
	const char *text;
	size_t len;
	bool taken;

	*blocked = false;
	while (!s->out.gone && (len = next_receipts(s, &text)) > 0) {
		int rc = eg_rejects_sync(&s->loop.rejects, &s->loop.error);

		if (rc != 0)
			return rc < 0 ? -1 : 0;
		taken = false;
		if (eg_output_ready(&s->out) && write_receipts(s, text, len, &taken) != 0)
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
