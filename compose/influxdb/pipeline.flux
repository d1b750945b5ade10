// What a RabbitMQ node tells of itself, for the dashboard Pipeline and its alerts.
import "experimental/prometheus"

option task = {name: "pipeline", every: 15s}

node = "http://rabbitmq:15692"

union(
    tables: [
        prometheus.scrape(url: node + "/metrics"),
        prometheus.scrape(url: node + "/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count"),
    ],
)
    |> filter(fn: (r) => r._field =~ /^rabbitmq_(alarms_|detailed_queue_(messages|consumers)|global_messages_(received|confirmed|delivered|redelivered|acknowledged)_total)/)
    |> to(bucket: "pipeline")
