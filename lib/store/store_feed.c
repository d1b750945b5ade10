/* SPDX-License-Identifier: MIT */
/* A verb's operands from standard input, a line each, in batches of what has arrived. */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/rejects.h"
#include "record/lines.h"
#include "store/store_verbs.h"

enum { RING_BYTES = 256 * 1024, BATCH_LINES = 10000 };

/* Makes a record of the line: what it lacks stands behind it. */
static enum eg_fault
parse(const struct eg_line *line, const char *rest, char buf[EG_FEED_SIZE], struct eg_record *rec)
{
	size_t more = strlen(rest);

	if (line->fault != EG_FAULT_NONE)
		return line->fault;
	if (more == 0)
		return eg_record_parse(line->text, line->len, rec);
	if (line->len + more > EG_LINE_MAX)
		return EG_FAULT_TOO_LONG;
	memcpy(buf, line->text, line->len);
	memcpy(buf + line->len, rest, more);
	return eg_record_parse(buf, line->len + more, rec);
}

static int
take(struct eg_verb *r, const struct eg_verb_feed *f, const struct eg_line *line,
    struct eg_rejects *bad)
{
	char buf[EG_FEED_SIZE];
	struct eg_record rec;
	enum eg_fault fault = parse(line, f->rest, buf, &rec);
	const char *why = fault != EG_FAULT_NONE ? eg_fault_text(fault) : f->take(r, &rec);

	if (why != NULL) {
		eg_rejects_add(bad, line->lineno, line->text, line->len, why, &r->e);
		r->status = EG_REFUSED;
	} else if (f->echo && r->e.status == EG_OK) {
		memcpy(r->buf + r->len, line->text, line->len);
		r->len += line->len;
		r->buf[r->len++] = '\n';
	}
	return r->e.status == EG_OK && !r->out.gone ? 0 : -1;
}

/* One transaction from this line on; with echo as many as their receipts have room for. */
static int
run_batch(struct eg_verb *r, const struct eg_verb_feed *f, struct eg_lines *l,
    struct eg_line *line, struct eg_rejects *bad)
{
	int n = 0, rc;

	if ((f->echo ? eg_store_begin(r->store, &r->e) : eg_store_snapshot(r->store, &r->e)) != 0)
		return -1;
	do {
		rc = line->fault == EG_FAULT_NONE && eg_line_skipped(line->text, line->len) ? 0
		    : take(r, f, line, bad);
	} while (rc == 0 && ++n < BATCH_LINES &&
	    (!f->echo || r->len + EG_LINE_MAX < sizeof(r->buf)) && eg_lines_next(l, line));
	if (!f->echo) {
		eg_store_end(r->store);
	} else if (rc != 0 || eg_store_commit(r->store, &r->e) != 0) {
		r->len = 0;
		return -1;
	}
	eg_lines_release(l, NULL);
	return rc != 0 ? -1 : eg_verb_flush(r);
}

void
eg_verb_feed(struct eg_verb *r, const struct eg_verb_feed *f)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	struct eg_lines l = { .fd = -1 };
	struct eg_rejects bad;
	struct eg_line line;
	int rc;

	if (eg_rejects_open(&bad, NULL, &r->e) != 0)
		return;
	rc = eg_descriptors_readable(STDIN_FILENO, "standard input", &r->e) == 0
	    ? eg_lines_open(&l, STDIN_FILENO, RING_BYTES, &r->e) : -1;
	while (rc == 0 && !l.eof) {
		/* A neighbour may have made it non-blocking. */
		(void)poll(&in, 1, -1);
		rc = eg_lines_fill(&l, &r->e);
		while (rc == 0 && eg_lines_next(&l, &line))
			rc = run_batch(r, f, &l, &line, &bad);
	}
	eg_lines_close(&l);
	eg_rejects_close(&bad, &r->e);
}
