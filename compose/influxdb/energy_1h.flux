// SPDX-License-Identifier: MIT
// Every five minutes, energy, cost and extremes of each of the last hours; the current
// hour is written as far as it has come.
//
// A minute's mean stands until the next minute that has readings, for 15 minutes at most;
// the minute before a longer silence stands for itself alone. What is not covered so is
// a gap: it has no energy, and `covered` is how many seconds of the hour are known.
//
// The tag unit of the readings says what they are: W or without it, power; kW; Wh and kWh,
// the register of a meter; inc-Wh and inc-kWh, amounts since the reading before. Energy of a
// register or an amount belongs to the hour in which its step begins. A step of more than
// 60 kW is a fault of the meter, and is left out. What has another unit has no energy.
//
// value: mean power (W) over what is covered, or the mean in another unit; min, max: of
// minutes; kwh; out: the part of kwh below 0 (kWh), of roles with a sign; cost, at the price
// of the hour; covered (s). What has no price has no cost: what is made, stored or sold, by
// the tag role of the readings.
//
// Measurement price: the price of each hour that has energy.
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

sensors = (predicate) =>
    schema.tagValues(bucket: "energy", tag: "sensor", predicate: predicate, start: -30d)
        |> findColumn(fn: (key) => true, column: "_value")
unpriced = sensors(predicate: (r) => r._measurement == "energy" and r.role =~ /^(pv|grid-export|battery.*)$/)
signed = sensors(predicate: (r) => r._measurement == "energy" and r.role =~ /^(grid|battery)$/)
grid = sensors(predicate: (r) => r._measurement == "energy" and r.role == "grid")
kilo = sensors(predicate: (r) => r._measurement == "energy" and r.unit =~ /^(inc-)?k/)
registers = sensors(predicate: (r) => r._measurement == "energy" and r.unit =~ /^k?Wh$/)
amounts = sensors(predicate: (r) => r._measurement == "energy" and r.unit =~ /^inc-k?Wh$/)
others = sensors(predicate: (r) => r._measurement == "energy" and r.unit =~ /./ and r.unit !~ /^(inc-)?k?Wh?$/)
factor = (sensor) => if contains(value: sensor, set: kilo) then 1.0 else 0.001

minutes = (until) =>
    from(bucket: "energy_1m")
        |> range(start: start, stop: until)
        |> filter(fn: (r) => r._measurement == "energy" and r._field == "value")
        |> group(columns: ["_measurement", "_field", "sensor"])
        |> sort(columns: ["_time"])

power =
    minutes(until: until)
        |> filter(fn: (r) => not contains(value: r.sensor, set: registers) and not contains(value: r.sensor, set: amounts) and not contains(value: r.sensor, set: others))
        |> map(fn: (r) => ({r with _value: 1000.0 * factor(sensor: r.sensor) * r._value}))
        |> events.duration(unit: 1s, columnName: "seconds")
        |> filter(fn: (r) => r._time < stop)
        |> map(fn: (r) => ({r with seconds: if r.seconds > 900 then 60.0 else float(v: r.seconds)}))
        |> map(fn: (r) => ({r with kwh: r._value * r.seconds / 3600000.0}))

// From one reading to the next, at most a day after the hour.
dayBeyond = date.add(d: 1d, to: stop)
steps = (tables=<-) =>
    tables
        |> map(fn: (r) => ({r with kwh: factor(sensor: r.sensor) * r._value}))
        |> filter(fn: (r) => exists r.kwh and r.kwh <= 60.0 * float(v: r.elapsed) / 3600.0)
        |> map(fn: (r) => ({r with _time: time(v: int(v: r._time) - r.elapsed * 1000000000)}))
        |> filter(fn: (r) => r._time < stop)
        |> map(
            fn: (r) => ({
                _time: r._time,
                _measurement: r._measurement,
                _field: r._field,
                sensor: r.sensor,
                _value: r.kwh * 3600000.0 / float(v: r.elapsed),
                kwh: r.kwh,
                // What of it is in the hour in which it begins.
                left: 3600.0 - float(v: int(v: r._time) % 3600000000000) / 1000000000.0,
                elapsed: float(v: r.elapsed),
            }),
        )
        |> map(fn: (r) => ({r with seconds: if r.elapsed < r.left then r.elapsed else r.left}))
        |> drop(columns: ["left", "elapsed"])
since = minutes(until: if dayBeyond > now() then now() else dayBeyond)
register =
    since
        |> filter(fn: (r) => contains(value: r.sensor, set: registers))
        |> elapsed(unit: 1s)
        |> difference(nonNegative: true, initialZero: true, keepFirst: true)
        |> steps()
amount = since |> filter(fn: (r) => contains(value: r.sensor, set: amounts)) |> elapsed(unit: 1s) |> steps()
other = minutes(until: stop) |> filter(fn: (r) => contains(value: r.sensor, set: others))
held =
    union(tables: [power, register, amount])
        |> group(columns: ["_measurement", "_field", "sensor"])
        |> sort(columns: ["_time"])

hourly = (tables=<-, fn, field) =>
    tables
        |> filter(fn: (r) => r._time < stop)
        |> aggregateWindow(every: 1h, fn: fn, createEmpty: false, timeSrc: "_start")
        |> map(fn: (r) => ({_time: r._time, _measurement: "energy", _field: field, sensor: r.sensor, _value: r._value}))

kwh = held |> map(fn: (r) => ({r with _value: r.kwh})) |> hourly(fn: sum, field: "kwh")
covered = held |> map(fn: (r) => ({r with _value: r.seconds})) |> hourly(fn: sum, field: "covered")
out =
    held
        |> filter(fn: (r) => r.kwh < 0.0 and contains(value: r.sensor, set: signed))
        |> map(fn: (r) => ({r with _value: -r.kwh}))
        |> hourly(fn: sum, field: "out")
cost =
    held
        |> filter(fn: (r) => r.kwh >= 0.0 or not contains(value: r.sensor, set: grid))
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
        out,
        cost,
        covered,
        value,
        other |> hourly(fn: mean, field: "value"),
        union(tables: [held, other]) |> group(columns: ["_measurement", "_field", "sensor"]) |> hourly(fn: min, field: "min"),
        union(tables: [held, other]) |> group(columns: ["_measurement", "_field", "sensor"]) |> hourly(fn: max, field: "max"),
    ],
)
    |> group(columns: ["_measurement", "_field", "sensor"])
    |> to(bucket: "energy_1h")

kwh
    |> keep(columns: ["_time", "_value"])
    |> group(columns: ["_time"])
    |> first()
    |> group()
    |> map(fn: (r) => ({_time: r._time, _measurement: "price", _field: "value", _value: price(t: r._time)}))
    |> group(columns: ["_measurement", "_field"])
    |> to(bucket: "energy_1h")
