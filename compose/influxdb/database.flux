// SPDX-License-Identifier: MIT
// What InfluxDB counts of the writes that it answered. As in pipeline.flux, only the labels
// that are used are kept, always in one order.
import "experimental/prometheus"

option task = {name: "database", every: 15s}

numbers = prometheus.scrape(url: "http://influxdb:8086/metrics")
    |> filter(fn: (r) => exists r.path and r.path == "/api/v2/write")

numbers
    |> filter(fn: (r) => r._field == "http_api_requests_total")
    |> group(columns: ["_measurement", "_field", "path", "status"])
    |> sum()
    |> map(fn: (r) => ({r with _time: now()}))
    |> to(bucket: "pipeline", tagColumns: ["path", "status"])

numbers
    |> filter(fn: (r) => r._field == "http_api_request_duration_seconds")
    |> group(columns: ["_measurement", "_field", "path", "status", "le"])
    |> sum()
    |> map(fn: (r) => ({r with _time: now()}))
    |> to(bucket: "pipeline", tagColumns: ["path", "status", "le"])
