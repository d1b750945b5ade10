// SPDX-License-Identifier: MIT
// What a consumer counts, see eg-health(1). With several consumers each scrape asks one of
// them; the tag host tells them apart. It is a label of energyguard_info alone, so the other
// rows of the same scrape get it from there. As in pipeline.flux, only the labels that are
// used are kept, always in one order.
import "experimental/prometheus"

option task = {name: "consumer", every: 15s}

numbers = prometheus.scrape(url: "http://consumer:9464/metrics")
    |> filter(fn: (r) => r._field =~ /^energyguard_(info|oldest_record_age_seconds|receipt_seconds|refusals_total)$/)
    |> group()
    |> map(fn: (r) => ({r with first: if r._field == "energyguard_info" then 0 else 1}))
    |> sort(columns: ["first"])
    |> fill(column: "host", usePrevious: true)

numbers
    |> filter(fn: (r) => r._field == "energyguard_oldest_record_age_seconds")
    |> group(columns: ["_measurement", "_field", "host"])
    |> sum()
    |> map(fn: (r) => ({r with _time: now()}))
    |> to(bucket: "pipeline", tagColumns: ["host"])

numbers
    |> filter(fn: (r) => r._field == "energyguard_receipt_seconds")
    |> group(columns: ["_measurement", "_field", "host", "le"])
    |> sum()
    |> map(fn: (r) => ({r with _time: now()}))
    |> to(bucket: "pipeline", tagColumns: ["host", "le"])

numbers
    |> filter(fn: (r) => r._field == "energyguard_refusals_total")
    |> group(columns: ["_measurement", "_field", "host", "reason"])
    |> sum()
    |> map(fn: (r) => ({r with _time: now()}))
    |> to(bucket: "pipeline", tagColumns: ["host", "reason"])
