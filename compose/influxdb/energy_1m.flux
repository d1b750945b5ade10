// SPDX-License-Identifier: MIT
// Each minute, the mean of each sensor's readings in each of the last minutes. Minutes
// are written again until they are 15 old, so that late readings count. The first mean is
// made where the readings are stored; the second joins what has further tags.
import "date"

option task = {name: "energy_1m", every: 1m, offset: 10s}

start = date.truncate(t: date.sub(d: 15m, from: now()), unit: 1m)
stop = date.truncate(t: now(), unit: 1m)

from(bucket: "energy")
    |> range(start: start, stop: stop)
    |> filter(fn: (r) => r._measurement == "energy" and r._field == "value")
    |> aggregateWindow(every: 1m, fn: mean, createEmpty: false, timeSrc: "_start")
    |> group(columns: ["_measurement", "_field", "sensor"])
    |> aggregateWindow(every: 1m, fn: mean, createEmpty: false, timeSrc: "_start")
    |> to(bucket: "energy_1m")
