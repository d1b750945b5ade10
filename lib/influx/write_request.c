/* SPDX-License-Identifier: MIT */
/* Writes a batch to InfluxDB: builds the HTTP request for a range of the batch, searches for the
 * records that the database refuses, and compares keys with other batches. */
#include "influx/write_request.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "influx/forms.h"
#include "influx/influx.h"
#include "influx/lineprotocol_write.h"
#include "stage/stage.h"

int
eg_write_request_open(struct eg_write_request *f, char *body, size_t records, bool clashes,
    struct eg_error *e)
{
	f->body = body;
	f->record_of = calloc(records, sizeof(*f->record_of));
	f->out = calloc(records, sizeof(*f->out));
	if (f->record_of == NULL || f->out == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	if (clashes)
		eg_keyset_open(&f->keys, records, e);
	return e->status == EG_OK ? 0 : -1;
}

void
eg_write_request_close(struct eg_write_request *f)
{
	free(f->record_of);
	free(f->out);
	eg_keyset_close(&f->keys);
}

/* Writes the lines of records from..to to the body, at most `most` bytes. */
static void
build_lines(struct eg_write_request *f, const struct eg_forms *forms, size_t from, size_t to,
    size_t most)
{
	const struct eg_record *rec = f->batch->rec;
	struct eg_lineprotocol_time time = { .with_ns = false };
	size_t i;

	f->from = from;
	f->len = f->lines = 0;
	f->ns = f->full = false;
	for (i = from; i < to && !f->ns; i++)
		f->ns = rec[i].subsecond;
	time.with_ns = f->ns;
	for (i = from; i < to; i++) {
		const struct eg_lineprotocol *p = eg_forms_of(forms, &rec[i]);
		size_t room = f->len + eg_lineprotocol_room(p, &rec[i]);
		char *end;

		if (f->out[i])
			continue;
		f->full = room > EG_INFLUX_BODY_MAX || (room > most && f->len > 0);
		if (f->full)
			break;
		end = eg_lineprotocol_put(p, &rec[i], &time, f->body + f->len);
		if (end == NULL) {
			f->out[i] = true;
			continue;
		}
		f->record_of[f->lines++] = (unsigned)i;
		f->len = (size_t)(end - f->body);
	}
	f->to = i;
}

void
eg_write_request_start(struct eg_write_request *f, struct eg_batch *b)
{
	f->batch = b;
	f->suspect = f->refused = 0;
	memset(f->out, 0, b->n * sizeof(*f->out));
	f->keys_from = INT64_MAX;
	f->keys_to = INT64_MIN;
	f->oldest = f->newest = b->rec[0].ns;
	for (size_t i = 1; i < b->n; i++) {
		f->oldest = b->rec[i].ns < f->oldest ? b->rec[i].ns : f->oldest;
		f->newest = b->rec[i].ns > f->newest ? b->rec[i].ns : f->newest;
	}
}

void
eg_write_request_build(struct eg_write_request *f, const struct eg_forms *forms, size_t n,
    size_t most)
{
	build_lines(f, forms, 0, n, most);
}

void
eg_write_request_refuse_unfit(struct eg_write_request *f, const struct eg_forms *forms)
{
	struct eg_lineprotocol_time time = { .with_ns = f->ns };
	char line[2 * EG_LINEPROTOCOL_PART + 4 * EG_LINE_MAX];

	for (size_t i = 0; i < f->to; i++) {
		const struct eg_record *r = &f->batch->rec[i];

		if (eg_lineprotocol_put(eg_forms_of(forms, r), r, &time, line) == NULL)
			eg_batch_refuse(f->batch, i, eg_lineprotocol_unfit);
	}
}

void
eg_write_request_refuse(struct eg_write_request *f, size_t line, const char *reason)
{
	f->out[f->record_of[line]] = true;
	eg_batch_refuse(f->batch, f->record_of[line], reason);
}

static int
by_time(const void *x, const void *y)
{
	const int64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* Sets *ns to the time of the request's n-th oldest record. Returns false if the next record has
 * the same time, or if memory runs out. */
static bool
nth_oldest(const struct eg_write_request *f, size_t n, int64_t *ns)
{
	int64_t *all = calloc(f->lines, sizeof(*all));
	bool clear;

	if (all == NULL)
		return false;
	for (size_t i = 0; i < f->lines; i++)
		all[i] = f->batch->rec[f->record_of[i]].ns;
	qsort(all, f->lines, sizeof(*all), by_time);
	*ns = all[n - 1];
	clear = n == f->lines || all[n] > *ns;
	free(all);
	return clear;
}

bool
eg_write_request_refuse_oldest(struct eg_write_request *f, size_t n, const char *reason)
{
	int64_t limit;

	if (n == 0 || n > f->lines || !nth_oldest(f, n, &limit))
		return false;
	for (size_t i = 0; i < f->lines; i++)
		if (f->batch->rec[f->record_of[i]].ns <= limit)
			eg_write_request_refuse(f, i, reason);
	return true;
}

void
eg_write_request_written(struct eg_write_request *f)
{
	f->from = f->to;
}

void
eg_write_request_search(struct eg_write_request *f, const char *reason)
{
	if (f->lines > 1) {
		f->suspect = f->to;
		return;
	}
	eg_write_request_refuse(f, 0, reason);
	f->refused++;
	f->from = f->to;
	f->suspect = 0;
}

/* The number of records for the next request, at most n. A range that is known to hold a refused
 * record is halved. Otherwise the size is chosen by the rate of refusals so far, so that the
 * request holds a refused record with a probability of about one half (generalised binary
 * splitting, Hwang 1972). So few refusals cost few requests, and many refusals cost about one
 * request per record. */
static size_t
group(const struct eg_write_request *f, size_t n)
{
	size_t size = n;

	if (f->suspect > f->from)
		size = (f->suspect - f->from) / 2;
	else if (f->refused > 0)
		size = f->from * 7 / 10 / f->refused;
	return size == 0 ? 1 : size < n ? size : n;
}

bool
eg_write_request_next(struct eg_write_request *f, const struct eg_forms *forms, size_t most)
{
	while (f->from < f->batch->n) {
		build_lines(f, forms, f->from, f->from + group(f, f->batch->n - f->from), most);
		if (f->len > 0)
			return true;
		f->from = f->to;
	}
	return false;
}

size_t
eg_write_request_clash(struct eg_write_request *g, const struct eg_write_request *f, size_t n)
{
	int64_t from = g->oldest > f->oldest ? g->oldest : f->oldest;
	int64_t to = g->newest < f->newest ? g->newest : f->newest;

	/* Readings mostly arrive in order of time, so two batches have few records in their
	 * common range of time. */
	if (from > to)
		return n;
	if (from < g->keys_from || to > g->keys_to) {
		eg_keyset_fill(&g->keys, g->batch->rec, g->batch->n, from, to);
		g->keys_from = from;
		g->keys_to = to;
	}
	return eg_keyset_find(&g->keys, f->batch->rec, n, from, to);
}
