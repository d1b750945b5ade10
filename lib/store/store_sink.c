/* SPDX-License-Identifier: MIT */
/* The sink of a store: each batch is a transaction. It waits while the disk is full. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff_log.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/wait.h"
#include "stage/stage.h"
#include "store/store.h"

/* Larger transactions gain little, and need more memory and time. */
enum { BATCH_RECORDS = 20000, BATCH_BYTES = 1024 * 1024, RETRY_MS = 100, RETRY_MAX_MS = 2000 };

struct eg_store_sink {
	struct eg_store *store;
	const char *path;
	struct eg_batch *pending; /* the batch that waits for disk space or for a lock */
	struct eg_backoff_log complaint;
};

static bool
ready(void *self)
{
	return ((struct eg_store_sink *)self)->pending == NULL;
}

static int
commit(struct eg_store_sink *k, struct eg_batch *b, struct eg_error *e)
{
	struct eg_error why = { 0 };
	char text[256];
	int64_t now;

	switch (eg_store_put(k->store, b->rec, b->n, &why)) {
	case EG_STORE_SAFE:
		k->pending = NULL;
		if (k->complaint.retry.failures > 0) {
			snprintf(text, sizeof(text), "'%.200s' gives receipts again", k->path);
			eg_backoff_log_over(&k->complaint, eg_mono_ms(), text);
		}
		eg_batch_done(b);
		return 0;
	case EG_STORE_LATER:
		now = eg_mono_ms();
		k->pending = b;
		eg_backoff_log_failed(&k->complaint, why.status == EG_TEMPORARY ? 1 : 2, now, 0,
		    why.text);
		return 0;
	default:
		return eg_fail(e, why.status, "%s", why.text);
	}
}

static int
send_batch(void *self, struct eg_batch *b, struct eg_error *e)
{
	return commit(self, b, e);
}

static int
wait_for(void *self, struct pollfd *fds, size_t n, int64_t due, struct eg_error *e)
{
	const struct eg_store_sink *k = self;

	(void)e;
	if (k->pending != NULL && k->complaint.retry.due < due)
		due = k->complaint.retry.due;
	(void)eg_wait_fds(fds, n, due);
	return 0;
}

static int
work(void *self, struct eg_error *e)
{
	struct eg_store_sink *k = self;

	if (k->pending == NULL || eg_mono_ms() < k->complaint.retry.due)
		return 0;
	return commit(k, k->pending, e);
}

static int64_t
away(void *self)
{
	return ((struct eg_store_sink *)self)->complaint.retry.since;
}

struct eg_store_sink *
eg_store_sink_new(struct eg_store *s, const char *path, struct eg_sink *sink, struct eg_error *e)
{
	struct eg_store_sink *k = calloc(1, sizeof(*k));

	if (k == NULL) {
		eg_fail(e, EG_BUG, "out of memory");
		return NULL;
	}
	k->store = s;
	k->path = path;
	k->complaint.retry.base_ms = RETRY_MS;
	k->complaint.retry.max_ms = RETRY_MAX_MS;
	*sink = (struct eg_sink){ .self = k, .batch_records = BATCH_RECORDS, .batch_bytes = BATCH_BYTES,
		.flights = 1, .ready = ready, .send = send_batch, .wait = wait_for, .work = work,
		.away = away };
	return k;
}

void
eg_store_sink_free(struct eg_store_sink *k)
{
	free(k);
}
