// What InfluxDB tells of the writes that it answered.
import "experimental/prometheus"

option task = {name: "database", every: 15s}

prometheus.scrape(url: "http://influxdb:8086/metrics")
    |> filter(fn: (r) => r._field =~ /^http_api_request(s_total|_duration_seconds)$/)
    |> filter(fn: (r) => exists r.path and r.path == "/api/v2/write")
    |> to(bucket: "pipeline")
