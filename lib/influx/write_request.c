/* SPDX-License-Identifier: MIT */
/* A batch on its way to an InfluxDB: its body, its halves, its keys. */
#include "influx/write_request.h"

#include "influx/influx.h"
#include "influx/lineprotocol_write.h"
#include "stage/stage.h"

void
eg_write_request_start(struct eg_write_request *f, struct eg_batch *b)
{
	f->batch = b;
	f->wrong = f->wrongs = f->depth = 0;
	f->keys_from = INT64_MAX;
	f->keys_to = INT64_MIN;
	f->oldest = f->newest = b->rec[0].ns;
	for (size_t i = 1; i < b->n; i++) {
		f->oldest = b->rec[i].ns < f->oldest ? b->rec[i].ns : f->oldest;
		f->newest = b->rec[i].ns > f->newest ? b->rec[i].ns : f->newest;
	}
}

void
eg_write_request_build(struct eg_write_request *f, const struct eg_lineprotocol *p, size_t from, size_t to,
    size_t most)
{
	const struct eg_record *rec = f->batch->rec;
	size_t i;

	f->from = from;
	f->len = f->lines = 0;
	f->ns = false;
	for (i = from; i < to && !f->ns; i++)
		f->ns = rec[i].subsecond;
	for (i = from; i < to; i++) {
		size_t room = f->len + eg_lineprotocol_room(p, &rec[i]);
		char *end;

		if (room > EG_INFLUX_BODY_MAX || (room > most && f->len > 0))
			break;
		end = eg_lineprotocol_put(p, &rec[i], f->ns, f->body + f->len);
		if (end == NULL)
			continue;
		f->lines++;
		f->len = (size_t)(end - f->body);
	}
	f->to = i;
}

void
eg_write_request_split(struct eg_write_request *f)
{
	f->ends[f->depth++] = f->to;
	f->ends[f->depth++] = f->from + (f->to - f->from) / 2;
	f->to = f->from;
}

bool
eg_write_request_next(struct eg_write_request *f, const struct eg_lineprotocol *p, size_t most)
{
	while (f->depth > 0) {
		size_t end = f->ends[f->depth - 1];

		eg_write_request_build(f, p, f->to, end, most);
		f->depth -= f->to == end;
		if (f->len > 0)
			return true;
	}
	return false;
}

void
eg_write_request_refuse_unfit(struct eg_write_request *f, const struct eg_lineprotocol *p)
{
	char line[2 * EG_LINEPROTOCOL_PART + 4 * EG_LINE_MAX];

	for (size_t i = 0; i < f->batch->n; i++)
		if (eg_lineprotocol_put(p, &f->batch->rec[i], f->ns, line) == NULL)
			eg_batch_refuse(f->batch, i, eg_lineprotocol_unfit);
}

size_t
eg_write_request_clash(struct eg_write_request *g, const struct eg_write_request *f, size_t n)
{
	int64_t from = g->oldest > f->oldest ? g->oldest : f->oldest;
	int64_t to = g->newest < f->newest ? g->newest : f->newest;

	/* Of readings in the order of time, few are in both spans. */
	if (from > to)
		return n;
	if (from < g->keys_from || to > g->keys_to) {
		eg_keyset_fill(&g->keys, g->batch->rec, g->batch->n, from, to);
		g->keys_from = from;
		g->keys_to = to;
	}
	return eg_keyset_find(&g->keys, f->batch->rec, n, from, to);
}
