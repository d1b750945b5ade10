/* SPDX-License-Identifier: MIT */
/* A sink that writes batches to an InfluxDB, and repeats each until it is written or refused. */
#ifndef EG_WRITER_H
#define EG_WRITER_H

#include <stddef.h>

struct eg_error;
struct eg_influx_config;
struct eg_forms;
struct eg_metric;
struct eg_sink;
struct eg_writer;

/* Prepares the writer without connecting. c and forms must stay valid. batch: largest number of
 * records in a request. NULL with *e. */
struct eg_writer *eg_writer_open(const struct eg_influx_config *c, const struct eg_forms *forms,
    size_t batch, struct eg_error *e);
void eg_writer_close(struct eg_writer *w);

/* The sink for eg_stage_run, and its counters. Both live as long as w. */
struct eg_sink *eg_writer_sink(struct eg_writer *w);
const struct eg_metric *eg_writer_metrics(const struct eg_writer *w);

#endif
