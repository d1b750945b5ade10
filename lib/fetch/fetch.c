/* SPDX-License-Identifier: MIT */
/* Polls devices by HTTP at regular times. */
#include "fetch/fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/options.h"
#include "base/stop.h"
#include "decode/decode.h"
#include "fetch/parts.h"

enum {
	FIRST_PAUSE_MS = 1000,
	LONGEST_PAUSE_MS = 30 * 1000,
	RANDOM = 32, /* how many at a time: 256 bytes, which getrandom(2) never cuts short */
};

static int
open_peers(struct eg_fetch_run *r, const struct eg_fetch_devices *devices)
{
	uint64_t random[RANDOM];
	int64_t now = eg_mono_ms();

	r->n = devices->n;
	r->peers = calloc(r->n, sizeof(*r->peers));
	if (r->peers == NULL)
		return eg_fail(&r->loop.error, EG_BUG, "out of memory");
	for (size_t i = 0; i < r->n; i++) {
		struct eg_fetch_peer *p = &r->peers[i];

		if (i % RANDOM == 0 && getrandom(random, sizeof(random), 0) < 0)
			return eg_fail(&r->loop.error, EG_BUG, "no random numbers: %s", strerror(errno));
		p->device = &devices->list[i];
		p->trouble.retry = (struct eg_backoff){ .base_ms = FIRST_PAUSE_MS,
			.max_ms = LONGEST_PAUSE_MS };
		if (r->o->jitter_ms > 0)
			p->later_ms = (int64_t)(random[i % RANDOM] % (uint64_t)r->o->jitter_ms);
		p->due = r->o->once ? now : eg_fetch_next_turn(r, p);
	}
	return 0;
}

/* The time of the next work that no descriptor reports. */
static int64_t
next_due(const struct eg_fetch_run *r, const struct eg_loop_state *state)
{
	int64_t due = eg_loop_due(&r->loop, state);

	for (size_t i = 0; i < r->n && r->queue.len < EG_OUTPUT_QUEUE_HIGH && r->loop.deadline == 0;
	    i++)
		if (r->peers[i].due < due)
			due = r->peers[i].due;
	return due;
}

/* Waits for answers, for the next request, and for room on standard output if there are records;
 * writes them. */
static int
wait_and_write(struct eg_fetch_run *r, const struct eg_loop_state *state)
{
	bool writing = r->queue.len > 0 && eg_rejects_away(&r->loop.rejects) == 0;
	struct pollfd p[2] = { eg_stop_pollfd(),
		{ .fd = r->queue.out.fd, .events = writing ? POLLOUT : 0 } };

	if (eg_fetch_requests_wait(r->requests, p, 2, next_due(r, state), &r->loop.error) != 0)
		return -1;
	eg_stop_polled(&p[0]);
	if (writing && p[1].revents != 0)
		return eg_output_queue_write(&r->queue, &r->loop);
	(void)eg_output_hung_up(&r->queue.out, p[1].revents);
	return 0;
}

/* Whether the run is over: with once, or after a signal, once the records are written. A signal
 * drops pending requests. */
static bool
is_over(const struct eg_fetch_run *r, bool ending)
{
	bool asked = r->o->once && r->busy == 0;

	for (size_t i = 0; i < r->n && asked; i++)
		asked = r->peers[i].due == INT64_MAX;
	return r->queue.len == 0 && r->loop.rejects.len == 0 && (ending || asked);
}

/* Since when no device has given an answer, on eg_mono_ms's clock; 0: one has. */
static int64_t
all_away_since(const struct eg_fetch_run *r)
{
	int64_t last = 0;

	if (r->away < r->n)
		return 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->peers[i].trouble.retry.since > last)
			last = r->peers[i].trouble.retry.since;
	return last;
}

static int
run_loop(struct eg_fetch_run *r)
{
	struct eg_loop *l = &r->loop;

	while (!r->queue.out.gone) {
		int64_t now = eg_mono_ms();
		bool ending = eg_loop_tick(l, now, false);
		struct eg_loop_state state = { .settled = false, .peer_since = all_away_since(r) };

		if (r->queue.len == 0 && eg_decode_written(r->decode, &l->error) != 0)
			return -1;
		if (!ending && (eg_fetch_take(r) != 0 ||
		    (r->queue.len < EG_OUTPUT_QUEUE_HIGH && eg_fetch_ask_due(r, now) != 0)))
			return -1;
		if (eg_rejects_flush(&l->rejects, &l->error) < 0)
			return -1;
		if (is_over(r, ending))
			return 0;
		if (eg_loop_check(l, now, &state) != 0) {
			eg_output_queue_end(&r->queue);
			return -1;
		}
		if (wait_and_write(r, &state) != 0)
			return -1;
	}
	return 0;
}

static int
open_run(struct eg_fetch_run *r, const struct eg_fetch_devices *devices,
    const struct eg_common *common)
{
	struct eg_error *e = &r->loop.error;

	/* Standard output first: if it is closed, the next descriptor opened would take its number. */
	if (eg_output_open(&r->queue.out, STDOUT_FILENO, e) != 0 ||
	    eg_loop_open(&r->loop, common) != 0 ||
	    eg_metrics_open(&r->loop.metrics, common, e) != 0 || open_peers(r, devices) != 0)
		return -1;
	r->loop.rejects.raw = true;
	r->loop.rejects.silent = true; /* failures are printed once for each device */
	r->requests = eg_fetch_requests_open(&r->o->http, r->n, e);
	return r->requests != NULL ? 0 : -1;
}

static int
status_of(const struct eg_fetch_run *r)
{
	static const enum eg_status order[] = { EG_TEMPORARY, EG_CONFIG, EG_REFUSED };

	if (r->loop.error.status != EG_OK)
		return eg_report(&r->loop.error);
	if (r->queue.out.gone)
		return EG_LOCAL_IO;
	if (r->o->once && r->busy > 0)
		return EG_TEMPORARY; /* ended by a signal */
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]) && r->o->once; i++)
		if (r->failed[order[i]])
			return (int)order[i];
	return r->loop.metrics.refused > 0 ? EG_REFUSED : EG_OK;
}

int
eg_fetch_run(const struct eg_fetch_options *o, const struct eg_fetch_devices *devices,
    struct eg_decode *decode, const struct eg_common *common)
{
	struct eg_fetch_run r = { .o = o, .decode = decode,
		.loop = { .pending = "unwritten", .rejects = EG_REJECTS_INIT } };
	const struct eg_metric extra[] = {
		{ "requests", "Requests that were sent.", &r.asked, false },
		{ "request_failures", "Requests without a useful answer.", &r.failures, false },
		{ "answers_unchanged", "Answers 304: nothing new.", &r.unchanged, false },
		{ "messages_without_reading", "Answers that held no reading.", &r.empty, false },
		{ "values_passed_over", "Values that were not understood.", &r.passed_over, false },
		{ "devices_away", "Devices whose last request failed.", &r.away, true },
		{ .name = NULL },
	};

	r.loop.metrics.extra = extra;
	if (open_run(&r, devices, common) == 0) {
		if (run_loop(&r) == 0)
			(void)eg_output_close(&r.queue.out, &r.loop.error);
		eg_loop_close(&r.loop);
	}
	eg_fetch_requests_close(r.requests);
	free(r.peers);
	eg_output_queue_free(&r.queue);
	return status_of(&r);
}
