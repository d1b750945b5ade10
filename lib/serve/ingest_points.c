/* SPDX-License-Identifier: MIT */
/* Readings as points of InfluxDB's line protocol. */
#include "serve/ingest.h"
#include "decode/lineprotocol_read.h"

static void
take_point(void *ctx, char *line, size_t len, const struct eg_record *r)
{
	if (r != NULL)
		eg_ingest_record(ctx, r);
	else
		eg_ingest_put(ctx, line, len);
}

static char *
room_for_point(void *ctx, char *own)
{
	return eg_ingest_room(ctx, own);
}

static void
refuse_point(void *ctx, const char *text, size_t len, const char *reason)
{
	eg_ingest_refuse(ctx, text, len, reason);
}

static int64_t
point_time(void *ctx, const char *sensor, size_t len)
{
	return eg_ingest_time(ctx, sensor, len);
}

static bool
has_room(void *ctx)
{
	const struct eg_ingest *in = ctx;

	return !in->full && !in->broken;
}

void
eg_ingest_points(struct eg_ingest *in, const struct eg_lineprotocol_reader *p, const char *body,
    size_t len, size_t *unparsed)
{
	const struct eg_lineprotocol_taker t = { .ctx = in, .room = room_for_point, .take = take_point,
		.refuse = refuse_point,
		.time = point_time, .more = has_room, .index = &in->index };

	eg_lineprotocol_read(p, &t, body, len, unparsed);
}
