/* SPDX-License-Identifier: MIT */
/* A sink that writes batches to an InfluxDB until it has them, without what it refuses. */
#ifndef EG_WRITER_H
#define EG_WRITER_H

#include <stddef.h>

struct eg_error;
struct eg_influx_config;
struct eg_lineprotocol;
struct eg_metric;
struct eg_sink;
struct eg_writer;

/* Both structs must stay alive; batch is the most records in a request. */
struct eg_writer *eg_writer_open(const struct eg_influx_config *c, const struct eg_lineprotocol *p,
    size_t batch, struct eg_error *e);
void eg_writer_close(struct eg_writer *w);

/* The sink to run a stage with, and counters to show. Both live as long as w. */
struct eg_sink *eg_writer_sink(struct eg_writer *w);
const struct eg_metric *eg_writer_metrics(const struct eg_writer *w);

#endif
