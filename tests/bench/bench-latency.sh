#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a reading's making to an answer of the database that holds it, through publish,
# broker, consume and influx: the classic drill, then 10,000 and 100,000 a second.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-latency.sh BUILD}")
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
export PATH=$bin:$here/../../scripts:$PATH
EG_LAB_DIR=$(mktemp -d)/lab
export EG_LAB_DIR
consumer=
trap 'kill $consumer 2>/dev/null || true; eg-lab down >/dev/null' EXIT
eg-lab --no-victoria up >/dev/null
eval "$(eg-lab env)"
eg-publish --declare
eg-consume -- eg-influx --url "$EG_LAB_INFLUX" --db energy &
consumer=$!

# quantiles GOAL_MEDIAN TITLE: of the fourth column, in milliseconds.
quantiles() {
	sort -n -k4,4 | awk -v goal="$1" -v title="$2" '
		{ ms[NR] = $4 }
		END {
			median = ms[int((NR + 1) / 2)]
			printf "%-34s %6d seen: median %6.1f, 99th %6.1f, max %6.1f ms", title, NR,
				median, ms[int(NR * 0.99 + 0.999999)], ms[NR]
			printf " (median under %d: %s)\n", goal, median < goal ? "reached" : "MISSED"
		}'
}

# flow TITLE GOAL COUNT SENSOR SIM-OPTIONS -- PUBLISH-OPTIONS: what is watched, then how.
flow() {
	local title=$1 goal=$2 count=$3 sensor=$4 sim=()
	shift 4
	while [[ $1 != -- ]]; do sim+=("$1") && shift; done
	shift
	"$bin/tests/visible" "$EG_LAB_INFLUX" "$count" 60 ${sensor:+"$sensor"} >"$EG_LAB_DIR/seen" &
	local watcher=$!
	eg-sim --precise "${sim[@]}" | eg-publish "$@" >/dev/null
	wait $watcher || echo "$title: some were not seen"
	quantiles "$goal" "$title" <"$EG_LAB_DIR/seen"
}

flow 'warm-up (first round, child starts)' 50 15 '' --rounds 1 --
flow 'drill, 15 sensors, 20 x 0.5 s' 10 300 '' --rounds 20 --delay 0.5 --
# A watcher of all would take the processors that the flow needs: one sensor of many.
flow '10,000/s, --batch 1000' 50 500 sensor7 --sensors 100 --rounds 500 --rate 10000 -- --batch 1000
flow '100,000/s, --batch 1000' 50 500 sensor7 --sensors 1000 --rounds 500 --rate 100000 -- --batch 1000
