/* SPDX-License-Identifier: MIT */
/* A stage's loop: read records, keep them in order, make them safe, give receipts. */
#include "stage/stage.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/diag.h"
#include "base/metrics.h"
#include "base/options.h"
#include "base/output.h"
#include "base/rejects.h"
#include "base/ring.h"
#include "base/stop.h"
#include "record/lines.h"

/* The window: what may be under way at once. 2 MiB carry 40 MB/s over a round trip
 * of 50 ms; more only adds latency. */
enum {
	WINDOW_BYTES = 2 * 1024 * 1024,
	WINDOW_RECORDS = 65536,
};

enum fate { PENDING, OUT, REFUSED };

/* Records have numbers that only grow; number k lies at k % WINDOW_RECORDS.
 * [told, sent) is under way or settled, [sent, end) waits for its batch. */
struct eg_stage {
	struct eg_sink *sink;
	struct eg_lines in;
	struct eg_output out;
	struct eg_rejects rejects;
	struct eg_metrics metrics;
	struct eg_record *rec;
	unsigned char *fate;
	uint64_t told, sent, end;
	int64_t order; /* of the last order line, 0: none came */
	size_t part; /* of the receipt told: bytes that are written already */
	struct eg_batch *batches, *free;
	size_t partials; /* batches that are not full, on their way */
	bool reading;
	bool dry; /* no whole line is left of what has been read */
	int64_t deadline; /* of the grace period; 0: none */
	struct eg_error error;
};

void
eg_batch_shorten(struct eg_batch *b, size_t n)
{
	while (b->n > n) {
		b->bytes -= (size_t)b->rec[--b->n].len + 1;
		b->stage->sent--;
	}
	b->stage->partials -= b->partial;
	b->partial = false;
}

void
eg_batch_refuse(struct eg_batch *b, size_t i, const char *reason)
{
	struct eg_stage *s = b->stage;
	const struct eg_record *r = &b->rec[i];
	unsigned char *fate = &s->fate[(b->first + i) % WINDOW_RECORDS];

	if (*fate == REFUSED)
		return;
	*fate = REFUSED;
	s->metrics.refused++;
	eg_rejects_add(&s->rejects, r->lineno, r->line, r->len, reason, &s->error);
}

void
eg_batch_done(struct eg_batch *b)
{
	struct eg_stage *s = b->stage;

	for (uint64_t k = b->first; k < b->first + b->n; k++)
		if (s->fate[k % WINDOW_RECORDS] == PENDING)
			s->fate[k % WINDOW_RECORDS] = OUT;
	s->partials -= b->partial;
	b->next = s->free;
	s->free = b;
}

static void
refuse_line(struct eg_stage *s, const struct eg_line *l, enum eg_fault fault)
{
	s->metrics.in++;
	s->metrics.refused++;
	eg_rejects_add(&s->rejects, l->lineno, l->text, l->len, eg_fault_text(fault), &s->error);
}

/* Splits and checks what has been read. */
static void
take_lines(struct eg_stage *s)
{
	struct eg_line l;

	s->dry = false;
	while (s->end - s->told < WINDOW_RECORDS && eg_rejects_room(&s->rejects)) {
		struct eg_record *r = &s->rec[s->end % WINDOW_RECORDS];
		enum eg_fault fault;

		if (!eg_lines_next(&s->in, &l)) {
			s->dry = true;
			break;
		}
		fault = l.fault;
		if (fault == EG_FAULT_NONE && eg_line_skipped(l.text, l.len)) {
			(void)eg_order_parse(l.text, l.len, &s->order);
			continue;
		}
		if (fault == EG_FAULT_NONE)
			fault = eg_record_parse(l.text, l.len, r);
		if (fault != EG_FAULT_NONE) {
			refuse_line(s, &l, fault);
			continue;
		}
		r->lineno = l.lineno;
		r->order = s->order;
		s->fate[s->end % WINDOW_RECORDS] = PENDING;
		s->end++;
		s->metrics.in++;
	}
	if (s->told == s->end)
		eg_lines_release(&s->in, NULL);
}

/* Cuts a batch from what waits; whether it is full. */
static bool
cut(const struct eg_stage *s, struct eg_batch *b)
{
	const struct eg_sink *sink = s->sink;
	uint64_t have = s->end - s->sent;
	size_t most = have < sink->batch_records ? (size_t)have : sink->batch_records;

	b->first = s->sent;
	b->rec = &s->rec[s->sent % WINDOW_RECORDS];
	b->bytes = 0;
	for (b->n = 0; b->n < most; b->n++) {
		size_t len = (size_t)b->rec[b->n].len + 1;

		if (b->n > 0 && b->bytes + len > sink->batch_bytes)
			return true;
		b->bytes += len;
	}
	return b->n == sink->batch_records;
}

/* Sends what has arrived: full batches while the sink takes them, and one that is
 * not full only while no other such batch is on its way. */
static int
send_batches(struct eg_stage *s)
{
	while (s->sent < s->end && s->free != NULL && !s->out.gone && s->sink->ready(s->sink->self)) {
		struct eg_batch *b = s->free;
		bool full = cut(s, b);

		if (!full && s->partials > 0 && !s->in.eof)
			return 0;
		s->free = b->next;
		b->partial = !full;
		s->partials += b->partial;
		s->sent += b->n;
		if (s->sink->send(s->sink->self, b, &s->error) != 0)
			return -1;
	}
	return 0;
}

/* The next stretch of receipts that lies in one piece; passes over the refused. It begins
 * behind the part of a receipt that is written. */
static size_t
receipts(struct eg_stage *s, const char **text)
{
	const char *end;
	uint64_t k;

	while (s->told < s->sent && s->fate[s->told % WINDOW_RECORDS] == REFUSED)
		s->told++;
	end = s->rec[s->told % WINDOW_RECORDS].line;
	*text = end + s->part;
	for (k = s->told; k < s->sent; k++) {
		const struct eg_record *r = &s->rec[k % WINDOW_RECORDS];

		if (s->fate[k % WINDOW_RECORDS] != OUT)
			break;
		if (s->out.piece && end - *text >= PIPE_BUF)
			break;
		if (r->line != end && r->line + s->in.size != end)
			break;
		end += r->len + 1;
	}
	return k > s->told ? (size_t)(end - *text) : 0;
}

static void
release(struct eg_stage *s)
{
	eg_lines_release(&s->in,
	    s->told < s->end ? s->rec[s->told % WINDOW_RECORDS].line : NULL);
}

/* Writes from one stretch, as much as standard output takes: any number of receipts and a
 * part of one. */
static int
tell(struct eg_stage *s, const char *text, size_t len, bool *taken)
{
	ssize_t n = eg_output_write(&s->out, text, len, &s->error);
	size_t left, whole;

	*taken = n > 0;
	if (n < 0)
		return -1;
	for (left = s->part + (size_t)n; left > 0; left -= whole, s->told++, s->metrics.out++) {
		whole = (size_t)s->rec[s->told % WINDOW_RECORDS].len + 1;
		if (left < whole)
			break;
	}
	s->part = left;
	release(s);
	return 0;
}

/* Writes receipts as far as standard output takes them, and once the lines that were
 * refused before are on disk. */
static int
tell_all(struct eg_stage *s, bool *waiting)
{
	const char *text;
	size_t len;
	bool taken;

	*waiting = false;
	while (!s->out.gone && (len = receipts(s, &text)) > 0) {
		int rc = eg_rejects_sync(&s->rejects, &s->error);

		if (rc != 0)
			return rc < 0 ? -1 : 0;
		taken = false;
		if (eg_output_ready(&s->out) && tell(s, text, len, &taken) != 0)
			return -1;
		if (!taken && !s->out.gone) {
			*waiting = true;
			return 0;
		}
	}
	release(s);
	return 0;
}

/* Nothing more will be known: all that went in is out or refused. With the output
 * gone, it is enough that nothing is under way. */
static bool
settled(const struct eg_stage *s)
{
	if (s->reading)
		return false;
	if (s->out.gone) {
		for (uint64_t k = s->told; k < s->sent; k++)
			if (s->fate[k % WINDOW_RECORDS] == PENDING)
				return false;
		return true;
	}
	return s->told == s->end && s->dry && s->rejects.len == 0;
}

static int
give_up(struct eg_stage *s, const char *why)
{
	return eg_fail(&s->error, EG_TEMPORARY, "%s with %llu records without a receipt", why,
	    (unsigned long long)(s->metrics.in - s->metrics.out - s->metrics.refused));
}

/* Whether no more can come in. A pipe whose writer has gone is one, read or unread. */
static bool
input_ended(const struct eg_stage *s)
{
	struct pollfd p = { .fd = s->in.fd };

	return s->in.eof || (poll(&p, 1, 0) > 0 && (p.revents & POLLHUP) != 0);
}

/* Signals, time limits, and neighbours that have gone; -1 when they end the stage. */
static int
check_limits(struct eg_stage *s, const struct eg_common *c, int64_t now)
{
	int64_t away = s->sink->away != NULL ? s->sink->away(s->sink->self) : 0;

	if (s->out.gone || s->in.eof)
		s->reading = false;
	/* A parent that was killed: another may be writing newer values by now. */
	if (s->out.gone && input_ended(s) && !settled(s))
		return give_up(s, "nobody feeds it or reads its receipts any more: ended");
	if ((eg_stop_asked() > 0 || s->out.gone) && s->deadline == 0) {
		s->reading = false;
		s->deadline = now + c->grace_ms;
	}
	if (eg_stop_asked() > 1 && !settled(s))
		return give_up(s, "ended by a second signal");
	if (s->deadline != 0 && now >= s->deadline && !settled(s))
		return give_up(s, s->out.gone ? "nobody reads its receipts any more: ended" :
		    "ended by a signal");
	if (c->timeout_ms > 0 && away > 0 && now - away >= c->timeout_ms)
		return give_up(s, "gave up waiting for the peer");
	away = eg_rejects_away(&s->rejects);
	if (c->timeout_ms > 0 && away > 0 && now - away >= c->timeout_ms)
		return give_up(s, "gave up waiting for room for refused lines");
	return 0;
}

static int
timeout_of(const struct eg_stage *s, const struct eg_common *c, int64_t now)
{
	int64_t due = s->metrics.next;
	int64_t away = s->sink->away != NULL ? s->sink->away(s->sink->self) : 0;

	if (s->deadline != 0 && s->deadline < due)
		due = s->deadline;
	if (c->timeout_ms > 0 && away > 0 && away + c->timeout_ms < due)
		due = away + c->timeout_ms;
	if (eg_rejects_away(&s->rejects) > 0 && s->rejects.trouble.retry.due < due)
		due = s->rejects.trouble.retry.due;
	if (due == INT64_MAX)
		return -1;
	due -= now;
	return due < 0 ? 0 : due > INT_MAX ? INT_MAX : (int)due;
}

static bool
readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* Waits until something can be done, and reads what has come in. */
static int
wait_and_read(struct eg_stage *s, bool waiting, int timeout)
{
	bool room = s->reading && s->end - s->told < WINDOW_RECORDS && eg_lines_room(&s->in);
	struct pollfd fds[3] = {
		{ .fd = eg_stop_fd(), .events = POLLIN },
		/* Without events: POLLHUP still says that the writer is gone. */
		{ .fd = room || s->out.gone ? s->in.fd : -1, .events = room ? POLLIN : 0 },
		/* Without events: POLLERR and POLLHUP are reported all the same. */
		{ .fd = s->out.gone ? -1 : s->out.fd, .events = waiting ? POLLOUT : 0 },
	};

	if (s->sink->wait != NULL) {
		if (s->sink->wait(s->sink->self, fds, 3, timeout, &s->error) != 0)
			return -1;
	} else if (poll(fds, 3, timeout) < 0 && errno != EINTR)
		return eg_fail(&s->error, EG_BUG, "poll: %s", strerror(errno));
	if (fds[0].revents != 0)
		eg_stop_drain();
	(void)eg_output_hung_up(&s->out, fds[2].revents);
	if (!room || fds[1].revents == 0)
		return 0;
	/* Where batches go one at a time, all that has arrived has to be in the next one;
	 * else a piece at a time is read, which the cache still knows. */
	do {
		if (eg_lines_fill(&s->in, &s->error) != 0)
			return -1;
	} while (s->sink->flights == 1 && eg_lines_room(&s->in) && readable(s->in.fd));
	return 0;
}

static int
loop(struct eg_stage *s, const struct eg_common *c)
{
	for (;;) {
		bool waiting;
		int64_t now;

		/* Work comes first: a sink has to know its peer before it sends. */
		if (s->sink->work != NULL && s->sink->work(s->sink->self, &s->error) != 0)
			return -1;
		/* Before, so that there is room for lines that wait; after, for those refused now. */
		if (eg_rejects_flush(&s->rejects, &s->error) < 0)
			return -1;
		take_lines(s);
		if (send_batches(s) != 0 || eg_rejects_flush(&s->rejects, &s->error) < 0)
			return -1;
		if (tell_all(s, &waiting) != 0 || s->error.status != EG_OK)
			return -1;
		now = eg_mono_ms();
		eg_metrics_tick(&s->metrics, now);
		if (check_limits(s, c, now) != 0)
			return -1;
		if (settled(s))
			return 0;
		if (wait_and_read(s, waiting, timeout_of(s, c, now)) != 0)
			return -1;
	}
}

static int
open_stage(struct eg_stage *s, const struct eg_common *c)
{
	if (eg_descriptors_readable(STDIN_FILENO, "standard input", &s->error) != 0 ||
	    eg_output_open(&s->out, STDOUT_FILENO, &s->error) != 0 ||
	    eg_stop_install(&s->error) != 0 ||
	    eg_rejects_open(&s->rejects, c->rejects, &s->error) != 0 ||
	    eg_metrics_open(&s->metrics, c, &s->error) != 0 ||
	    eg_lines_open(&s->in, STDIN_FILENO, WINDOW_BYTES, &s->error) != 0)
		return -1;
	s->rec = eg_ring_map(WINDOW_RECORDS * sizeof(*s->rec), &s->error);
	s->fate = malloc(WINDOW_RECORDS);
	s->batches = calloc(s->sink->flights, sizeof(*s->batches));
	if (s->rec == NULL || s->fate == NULL || s->batches == NULL)
		return eg_fail(&s->error, EG_BUG, "out of memory");
	for (size_t i = 0; i < s->sink->flights; i++) {
		s->batches[i].stage = s;
		s->batches[i].next = s->free;
		s->free = &s->batches[i];
	}
	s->reading = true;
	return 0;
}

/* What is already known to be safe is told, whatever ended the stage. */
static void
tell_last(struct eg_stage *s)
{
	const int patience_ms = 1000;
	bool waiting = true;

	while (waiting && tell_all(s, &waiting) == 0 && waiting) {
		struct pollfd p = { .fd = s->out.fd, .events = POLLOUT };

		if (poll(&p, 1, patience_ms) <= 0)
			return;
	}
}

static int
status_of(const struct eg_stage *s)
{
	if (s->error.status != EG_OK)
		return eg_report(&s->error);
	if (s->out.gone)
		return EG_LOCAL_IO;
	/* 65 speaks of all that was sent to us: a signal may have come before that. */
	if (s->metrics.refused > 0)
		return s->in.eof ? EG_REFUSED : EG_TEMPORARY;
	return EG_OK;
}

int
eg_stage_run(struct eg_sink *sink, const struct eg_common *common, const struct eg_metric *extra)
{
	struct eg_stage s = { .sink = sink, .metrics.extra = extra };
	int status;

	s.rejects.fd = -1;
	if (open_stage(&s, common) == 0) {
		if (loop(&s, common) != 0)
			tell_last(&s);
		eg_rejects_close(&s.rejects, &s.error);
		eg_metrics_close(&s.metrics, common->verbose);
	}
	status = status_of(&s);
	eg_lines_close(&s.in);
	eg_ring_unmap(s.rec, WINDOW_RECORDS * sizeof(*s.rec));
	free(s.fate);
	free(s.batches);
	return status;
}
