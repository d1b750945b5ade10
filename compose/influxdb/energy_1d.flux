// SPDX-License-Identifier: MIT
// Every five minutes, the sums of today and yesterday, by the clock of the time zone; what
// the dashboard History adds up. A day has the time of its midnight, and 23 or 25 hours
// when the clock changes.
//
// kwh; out, the part of kwh below 0 (kWh); cost; covered (s); hours: how many have readings; max: of minutes (W)
import "date"
import "timezone"

option task = {name: "energy_1d", every: 5m, offset: 45s}

option location = timezone.location(name: "Europe/Rome")

start = date.truncate(t: date.sub(d: 24h, from: now()), unit: 1d)
stop = now()

hours = (field) =>
    from(bucket: "energy_1h")
        |> range(start: start, stop: stop)
        |> filter(fn: (r) => r._measurement == "energy" and r._field == field)

daily = (tables=<-, fn, field) =>
    tables
        |> aggregateWindow(every: 1d, fn: fn, createEmpty: false, timeSrc: "_start")
        |> map(fn: (r) => ({_time: r._time, _measurement: "energy", _field: field, sensor: r.sensor, _value: float(v: r._value)}))

union(
    tables: [
        hours(field: "kwh") |> daily(fn: sum, field: "kwh"),
        hours(field: "out") |> daily(fn: sum, field: "out"),
        hours(field: "cost") |> daily(fn: sum, field: "cost"),
        hours(field: "covered") |> daily(fn: sum, field: "covered"),
        hours(field: "covered") |> daily(fn: count, field: "hours"),
        hours(field: "max") |> daily(fn: max, field: "max"),
    ],
)
    |> group(columns: ["_measurement", "_field", "sensor"])
    |> to(bucket: "energy_1d")
