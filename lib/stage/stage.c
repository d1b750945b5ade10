/* SPDX-License-Identifier: MIT */
/* The loop of a stage: reads records, keeps them in order, makes them safe, writes receipts. */
#include "stage/stage.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/options.h"
#include "base/parent.h"
#include "base/ring.h"
#include "base/stop.h"
#include "base/wait.h"
#include "stage/stage_parts.h"

/* Whether all records are written or refused. If standard output is closed: whether the sink has no
 * pending record. */
static bool
all_settled(const struct eg_stage *s)
{
	if (s->reading)
		return false;
	if (s->out.gone) {
		for (uint64_t k = s->receipted; k < s->sent; k++)
			if (s->fate[k & s->mask] == EG_PENDING)
				return false;
		return true;
	}
	return s->receipted == s->end && s->dry && s->loop.rejects.len == 0;
}

/* Whether the input is over: it has ended, or the writer of the pipe is gone. */
static bool
input_ended(const struct eg_stage *s)
{
	return s->in.eof || (eg_wait_revents(s->in.fd, 0) & POLLHUP) != 0;
}

static struct eg_loop_state
stage_state(const struct eg_stage *s)
{
	return (struct eg_loop_state){ .settled = all_settled(s), .output_gone = s->out.gone,
		.peer_since = s->sink->away != NULL ? s->sink->away(s->sink->self) : 0 };
}

/* Handles signals, time limits, and neighbours that are gone. -1: the stage ends. */
static int
check_stage_limits(struct eg_stage *s, int64_t now)
{
	struct eg_loop_state state;

	if (eg_loop_tick(&s->loop, now, s->out.gone) || s->in.eof)
		s->reading = false;
	state = stage_state(s);
	/* The parent was killed: its successor may already be writing newer values. */
	if (s->out.gone && input_ended(s) && !state.settled)
		return eg_loop_give_up(&s->loop, "standard input and output are closed: ended");
	s->loop.metrics.peer_since = state.peer_since;
	/* Nothing waits for the peer, so no limit of a wait can have passed. */
	return state.settled ? 0 : eg_loop_check(&s->loop, now, &state);
}

/* Reads input. If batches go one at a time, reads all of it for the next one. Otherwise reads one
 * piece, which is still in the processor's cache when it is parsed. */
static int
read_input(struct eg_stage *s)
{
	do {
		if (eg_lines_fill(&s->in, &s->loop.error) != 0)
			return -1;
	} while (s->sink->flights == 1 && eg_lines_room(&s->in) &&
	    eg_wait_revents(s->in.fd, POLLIN) != 0);
	return 0;
}

/* Waits until there is work, and reads the input. blocked: receipts wait for room on standard
 * output. */
static int
wait_and_read(struct eg_stage *s, bool blocked)
{
	bool room = s->reading && s->end - s->receipted <= s->mask && eg_lines_room(&s->in);
	struct eg_loop_state state = stage_state(s);
	int64_t due = eg_loop_due(&s->loop, &state);
	struct pollfd fds[3] = {
		eg_stop_pollfd(),
		/* With no events, poll(2) still reports POLLHUP: the writer is gone. */
		{ .fd = room || s->out.gone ? s->in.fd : -1, .events = room ? POLLIN : 0 },
		/* With no events, poll(2) still reports POLLERR and POLLHUP. */
		{ .fd = s->out.gone ? -1 : s->out.fd, .events = blocked ? POLLOUT : 0 },
	};

	if (s->sink->wait == NULL)
		(void)eg_wait_fds(fds, 3, due);
	else if (s->sink->wait(s->sink->self, fds, 3, due, &s->loop.error) != 0)
		return -1;
	eg_stop_polled(&fds[0]);
	(void)eg_output_hung_up(&s->out, fds[2].revents);
	return room && fds[1].revents != 0 ? read_input(s) : 0;
}

static int
run_loop(struct eg_stage *s)
{
	struct eg_loop *l = &s->loop;

	for (;;) {
		bool blocked;

		/* The sink works first, since it has to know its peer before it sends. */
		if (s->sink->work != NULL && s->sink->work(s->sink->self, &l->error) != 0)
			return -1;
		/* Flush before, to make room for waiting lines, and after, for lines refused
		 * now. */
		if (eg_rejects_flush(&l->rejects, &l->error) < 0)
			return -1;
		eg_stage_parse(s);
		if (eg_stage_send(s) != 0 || eg_rejects_flush(&l->rejects, &l->error) < 0)
			return -1;
		if (eg_stage_receipts(s, &blocked) != 0 || l->error.status != EG_OK)
			return -1;
		if (check_stage_limits(s, eg_mono_ms()) != 0)
			return -1;
		if (all_settled(s))
			return 0;
		if (wait_and_read(s, blocked) != 0)
			return -1;
	}
}

/* The time in the text of the oldest record without a receipt. */
static bool
oldest_time(const void *of, int64_t *ns)
{
	const struct eg_stage *s = of;

	*ns = s->rec[s->receipted & s->mask].ns;
	return s->receipted < s->end;
}

static void
open_flow(struct eg_stage *s)
{
	eg_flow_init(&s->loop.flow);
	s->loop.flow.oldest_time = oldest_time;
	s->loop.flow.of = s;
	s->loop.metrics.flow = &s->loop.flow;
}

static int
open_stage(struct eg_stage *s, const struct eg_common *c)
{
	struct eg_error *e = &s->loop.error;
	size_t bytes = s->sink->input_bytes != 0 ? s->sink->input_bytes : EG_STAGE_BYTES;
	size_t records = bytes / EG_STAGE_LINE;

	open_flow(s);
	s->mask = records - 1;
	if (eg_parent_watch(e) != 0 ||
	    eg_descriptors_readable(STDIN_FILENO, "standard input", e) != 0 ||
	    eg_output_open(&s->out, STDOUT_FILENO, e) != 0 || eg_loop_open(&s->loop, c) != 0 ||
	    eg_metrics_open(&s->loop.metrics, c, e) != 0 ||
	    eg_lines_open(&s->in, STDIN_FILENO, bytes, e) != 0)
		return -1;
	s->rec = eg_ring_map(records * sizeof(*s->rec), e);
	s->fate = malloc(records);
	s->batches = calloc(s->sink->flights, sizeof(*s->batches));
	if (s->rec == NULL || s->fate == NULL || s->batches == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	for (size_t i = 0; i < s->sink->flights; i++) {
		s->batches[i].stage = s;
		s->batches[i].next = s->free;
		s->free = &s->batches[i];
	}
	s->reading = true;
	return 0;
}

static int
stage_status(const struct eg_stage *s)
{
	if (s->loop.error.status != EG_OK)
		return eg_report(&s->loop.error);
	if (s->out.gone)
		return EG_LOCAL_IO;
	/* 65 applies to the whole input, and a signal may have ended the stage before its end. */
	if (s->loop.rejects.count > 0)
		return s->in.eof ? EG_REFUSED : EG_TEMPORARY;
	return EG_OK;
}

int
eg_stage_run(struct eg_sink *sink, const struct eg_common *common, const struct eg_metric *extra)
{
	struct eg_stage s = { .sink = sink,
	    .loop = { .metrics.extra = extra, .rejects = EG_REJECTS_INIT } };
	int status;

	sink->stage = &s;
	if (open_stage(&s, common) == 0) {
		if (run_loop(&s) != 0)
			eg_stage_last_receipts(&s);
		eg_loop_close(&s.loop);
	}
	status = stage_status(&s);
	sink->stage = NULL;
	eg_lines_close(&s.in);
	eg_ring_unmap(s.rec, (size_t)(s.mask + 1) * sizeof(*s.rec));
	free(s.fate);
	free(s.batches);
	return status;
}
