/* SPDX-License-Identifier: MIT */
/* Reads the operands of a verb from standard input, one per line, in batches of the lines that
 * have arrived. */
#include "store/store_feed.h"

#include <string.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/rejects.h"
#include "base/wait.h"
#include "record/lines.h"

enum { RING_BYTES = 256 * 1024, BATCH_LINES = 10000 };

static const char no_when[] = "the time behind the last colon is not in whole nanoseconds, "
    "or too late";

/* Parses the line with `rest` appended as a record. */
static enum eg_fault
parse_with_rest(const struct eg_line *line, const char *rest, char buf[EG_FEED_SIZE],
    struct eg_record *rec)
{
	size_t more = strlen(rest);

	if (more == 0)
		return eg_record_parse(line->text, line->len, rec);
	if (line->len + more > EG_LINE_MAX)
		return EG_FAULT_TOO_LONG;
	memcpy(buf, line->text, line->len);
	memcpy(buf + line->len, rest, more);
	return eg_record_parse(buf, line->len + more, rec);
}

static const char *
parse_operand(struct eg_verb *r, const struct eg_verb_feed *f, const struct eg_line *line)
{
	char buf[EG_FEED_SIZE];
	struct eg_record rec;
	enum eg_fault fault;
	size_t len = line->len;

	if (f->rest != NULL) {
		fault = parse_with_rest(line, f->rest, buf, &rec);
	} else {
		if (!eg_dated_parse(line->text, &len, &r->when))
			return no_when;
		fault = eg_record_parse(line->text, len, &rec);
	}
	return fault != EG_FAULT_NONE ? eg_fault_text(fault) : f->take(r, &rec);
}

/* Whether the line is a comment. If it is an order line, sets r->order. */
static bool
skipped(struct eg_verb *r, const struct eg_line *line)
{
	if (line->fault != EG_FAULT_NONE || !eg_line_skipped(line->text, line->len))
		return false;
	(void)eg_order_parse(line->text, line->len, &r->order);
	return true;
}

static int
take_operand(struct eg_verb *r, const struct eg_verb_feed *f, const struct eg_line *line,
    struct eg_rejects *bad)
{
	const char *why = line->fault != EG_FAULT_NONE ? eg_fault_text(line->fault)
	    : parse_operand(r, f, line);

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

/* Processes one transaction of lines, starting with this line. With `echo`, only as many lines
 * as r->buf has room for. */
static int
run_batch(struct eg_verb *r, const struct eg_verb_feed *f, struct eg_lines *l,
    struct eg_line *line, struct eg_rejects *bad)
{
	int n = 0, rc;

	if (f->echo ? eg_store_begin(r->store, &r->e) != 0
	    : eg_store_refresh(r->store, &r->e) != 0 || eg_store_snapshot(r->store, &r->e) != 0)
		return -1;
	do {
		rc = skipped(r, line) ? 0 : take_operand(r, f, line, bad);
	} while (rc == 0 && ++n < BATCH_LINES &&
	    (!f->echo || r->len + EG_LINE_MAX < sizeof(r->buf)) && eg_lines_next(l, line));
	if (!f->echo) {
		eg_store_end(r->store);
		if (eg_store_steady(r->store, &r->e) != 0) {
			r->len = 0;
			return -1;
		}
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
		/* Wait, since another process may have set O_NONBLOCK on the shared pipe. */
		(void)eg_wait_fds(&in, 1, INT64_MAX);
		rc = eg_lines_fill(&l, &r->e);
		while (rc == 0 && eg_lines_next(&l, &line))
			rc = run_batch(r, f, &l, &line, &bad);
	}
	eg_lines_close(&l);
	eg_rejects_close(&bad, &r->e);
}
