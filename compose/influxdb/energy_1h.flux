// SPDX-License-Identifier: MIT
// Every five minutes, energy, cost and extremes of each of the last hours; the current
// hour is written as far as it has come.
//
// A minute's mean stands until the next minute that has readings, for 15 minutes at most;
// the minute before a longer silence stands for itself alone. What is not covered so is
// a gap: it has no energy, and `covered` is how many seconds of the hour are known.
//
// value: mean power (W) over what is covered; min, max: of minutes (W); kwh; cost, at the
// price of the hour; covered (s). What has no price has no cost: what is made, stored or
// sold, by the tag role of the readings.
import "contrib/tomhollingworth/events"
import "date"
import "influxdata/influxdb/schema"
import "timezone"

option task = {name: "energy_1h", every: 5m, offset: 30s}

zone = timezone.location(name: "Europe/Rome")
tariff = "flat"
prices = [0.30, 0.26, 0.22]
start = date.truncate(t: date.sub(d: 3h, from: now()), unit: 1h)
stop = date.truncate(t: now(), unit: 1m)

// How long the last minutes stand is known when those after them are.
beyond = date.add(d: 15m, to: stop)
until = if beyond > now() then date.truncate(t: now(), unit: 1m) else beyond

// Holidays are not known.
price = (t) => {
    day = date.weekDay(t: t, location: zone)
    hour = date.hour(t: t, location: zone)

    return
        if tariff == "flat" then
            prices[0]
        else if tariff == "night" then
            if hour >= 7 and hour < 23 then prices[0] else prices[1]
        else if day == 0 then
            prices[2]
        else if day == 6 then
            if hour >= 7 and hour < 23 then prices[1] else prices[2]
        else if hour >= 8 and hour < 19 then
            prices[0]
        else if hour >= 7 and hour < 23 then
            prices[1]
        else
            prices[2]
}

unpriced =
    schema.tagValues(
        bucket: "energy",
        tag: "sensor",
        predicate: (r) => r._measurement == "energy" and r.role =~ /^(pv|grid-export|battery.*)$/,
        start: -30d,
    )
        |> findColumn(fn: (key) => true, column: "_value")

minutes =
    from(bucket: "energy_1m")
        |> range(start: start, stop: until)
        |> filter(fn: (r) => r._measurement == "energy" and r._field == "value")
        |> group(columns: ["_measurement", "_field", "sensor"])
        |> sort(columns: ["_time"])

held =
    minutes
        |> events.duration(unit: 1s, columnName: "seconds")
        |> filter(fn: (r) => r._time < stop)
        |> map(fn: (r) => ({r with seconds: if r.seconds > 900 then 60.0 else float(v: r.seconds)}))
        |> map(fn: (r) => ({r with kwh: r._value * r.seconds / 3600000.0}))

hourly = (tables=<-, fn, field) =>
    tables
        |> filter(fn: (r) => r._time < stop)
        |> aggregateWindow(every: 1h, fn: fn, createEmpty: false, timeSrc: "_start")
        |> map(fn: (r) => ({_time: r._time, _measurement: "energy", _field: field, sensor: r.sensor, _value: r._value}))

kwh = held |> map(fn: (r) => ({r with _value: r.kwh})) |> hourly(fn: sum, field: "kwh")
covered = held |> map(fn: (r) => ({r with _value: r.seconds})) |> hourly(fn: sum, field: "covered")
cost =
    held
        |> filter(fn: (r) => not contains(value: r.sensor, set: unpriced))
        |> map(fn: (r) => ({r with _value: r.kwh}))
        |> hourly(fn: sum, field: "cost")
        |> map(
            fn: (r) => ({
                _time: r._time,
                _measurement: r._measurement,
                _field: r._field,
                sensor: r.sensor,
                _value: r._value * price(t: r._time),
            }),
        )

// The mean follows from the two: W = kWh * 3600000 / s.
value =
    union(tables: [kwh, covered])
        |> group(columns: ["sensor"])
        |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")
        |> map(
            fn: (r) => ({
                _time: r._time,
                _measurement: "energy",
                _field: "value",
                sensor: r.sensor,
                _value: r.kwh * 3600000.0 / r.covered,
            }),
        )

union(
    tables: [
        kwh,
        cost,
        covered,
        value,
        minutes |> hourly(fn: min, field: "min"),
        minutes |> hourly(fn: max, field: "max"),
    ],
)
    |> group(columns: ["_measurement", "_field", "sensor"])
    |> to(bucket: "energy_1h")
