/* SPDX-License-Identifier: MIT */
/* Data structures of the writer, for its files only. */
#ifndef EG_WRITER_PARTS_H
#define EG_WRITER_PARTS_H

#include "base/diag.h"
#include "base/metrics.h"
#include "influx/body_limit.h"
#include "influx/concurrency.h"
#include "influx/influx.h"
#include "influx/peer.h"
#include "influx/write_request.h"
#include "influx/writer.h"
#include "stage/stage.h"

/* Whether address, credentials and bucket are right. After the first refusal of a run, an empty
 * request is sent. If the server refuses that, too, the settings are wrong and not a record. */
enum eg_writer_settings {
	EG_SETTINGS_UNKNOWN,
	EG_SETTINGS_TO_BE_CHECKED,
	EG_SETTINGS_CHECKING,
	EG_SETTINGS_RIGHT,
};

struct eg_writer {
	const struct eg_influx_config *config;
	const struct eg_forms *forms;
	struct eg_influx *influx;
	/* one more than the most requests in flight, so that the next one can be built meanwhile */
	struct eg_write_request request[EG_INFLUX_SLOTS_MAX];
	size_t slots;
	uint64_t batches;
	struct eg_body_limit limit;
	struct eg_concurrency concurrency;
	size_t in_flight; /* requests in flight before the answers that are being handled */
	struct eg_peer peer;
	bool freed; /* a request has become free since the last check for clashes */
	enum eg_writer_settings settings;
	/* In state EG_SETTINGS_CHECKING: the request whose connection carries the empty request. */
	struct eg_write_request *checking;

	uint64_t requests, retries, splits, bytes, age_s, connections;
	struct eg_metric metrics[7];
	struct eg_sink sink;
};

/* Builds the next request of f's batch, or ends the batch if no record is left. */
void eg_writer_next_request(struct eg_writer *w, struct eg_write_request *f);

/* Handles answer a to the request of f, or to the empty request on its connection. -1 with *e: the
 * settings are wrong. */
int eg_writer_take_answer(struct eg_writer *w, struct eg_write_request *f,
    const struct eg_write_reply *a, struct eg_error *e);

#endif
