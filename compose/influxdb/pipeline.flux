// SPDX-License-Identifier: MIT
// The numbers of a RabbitMQ node, for the dashboard Pipeline and its alerts.
//
// A scrape gives the labels in another order each time, and to() makes another series of
// each order. So only the labels that are used are kept, and always in one order.
import "experimental/prometheus"

option task = {name: "pipeline", every: 15s}

node = "http://rabbitmq:15692"

store = (tables=<-, labels) =>
    tables
        |> group(columns: labels)
        |> sum()
        |> map(fn: (r) => ({r with _time: now(), url: node}))
        |> to(bucket: "pipeline", tagColumns: ["url", "queue"])

prometheus.scrape(url: node + "/metrics")
    |> filter(fn: (r) => r._field =~ /^rabbitmq_(alarms_|global_messages_(received|confirmed|delivered|redelivered|acknowledged)_total)/)
    |> map(fn: (r) => ({r with queue: "all"}))
    |> store(labels: ["_measurement", "_field", "url", "queue"])

prometheus.scrape(url: node + "/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count")
    |> filter(fn: (r) => r._field =~ /^rabbitmq_detailed_queue_(messages|consumers)/)
    |> store(labels: ["_measurement", "_field", "url", "queue"])
