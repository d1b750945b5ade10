#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a reading's making to an answer of the database that holds it, through publish,
# broker, consume and influx: the first one after a start, the classic drill, then 10,000 and
# 100,000 a second. Beside the first one and the 10,000, bare loops that carry line protocol and
# parse nothing.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-latency.sh BUILD}")
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/bench/lab.bash
. "$here/lab.bash"
export PATH=$bin:$bin/tests:$here/../../scripts:$PATH
work=$(mktemp -d)
consumer=() # and the bare one
trap 'kill "${consumer[@]}" 2>/dev/null || true; lab_down; rm -rf "$work"' EXIT
lab_up "$work/lab" --no-victoria
declare_queues misurazioni:classic bare:classic

# Starts the consumer of ours or bare, and waits until the broker knows it: all its programs have
# started then, and nothing has come yet.
start() { # WHO
	local queue=misurazioni i
	if [[ $1 == ours ]]; then
		eg-consume -- eg-influx --url "$EG_LAB_INFLUX" --db energy &
	else
		queue=bare
		bench_drain bare "$EG_LAB_INFLUX/write?db=energy&precision=ns" 1000000000 300 5 2 &
	fi
	consumer+=($!)
	for ((i = 0; i < 200; i++)); do
		[[ ! $(queue_count consumer $queue) =~ ^[1-9] ]] || return 0
		sleep 0.05
	done
	echo 'the consumer does not start'
	exit 75
}

ours() { eg-publish "$@"; }

bare() {
	TZ=UTC mawk -W interactive '{
		i = index($0, ":"); time = substr($0, i + 1, 19); rest = substr($0, i + 20)
		if (time != last) { last = time; t = time; gsub(/[-T:]/, " ", t); second = mktime(t) }
		j = index(rest, ":")
		print "energy,sensor=" substr($0, 1, i - 1) " value=" substr(rest, j + 1) " " second \
			substr(substr(rest, 2, j - 2) "000000000", 1, 9)
	}' | bench_lines bare 1000 1000
}

# quantiles GOALS TITLE: of the fourth column, in milliseconds. GOALS is the median's, or
# `MEDIAN,99TH`.
quantiles() {
	sort -n -k4,4 | awk -v goals="$1" -v title="$2" '
		function judge(what, goal, value) {
			printf " (%s under %d: %s)", what, goal, value < goal ? "reached" : "MISSED"
		}
		{ ms[NR] = $4 }
		END {
			median = ms[int((NR + 1) / 2)]
			high = ms[int(NR * 0.99 + 0.999999)]
			printf "%-34s %6d seen: median %6.1f, 99th %6.1f, max %6.1f ms", title, NR,
				median, high, ms[NR]
			n = split(goals, goal, ",")
			if (n > 0) judge("median", goal[1], median)
			if (n > 1) judge("99th", goal[2], high)
			print ""
			printf "row\t%s: median\t%.1f ms\t\t\t%s\n", title, median, (n > 0 ? goal[1] " ms" : "")
			printf "row\t%s: 99th\t%.1f ms\t\t\t%s\n", title, high, (n > 1 ? goal[2] " ms" : "")
		}'
}

# watch TITLE COUNT SENSOR SIM-OPTIONS -- COMMAND: what is watched, then how.
watch() {
	local title=$1 count=$2 sensor=$3 sim=()
	shift 3
	while [[ $1 != -- ]]; do sim+=("$1") && shift; done
	shift
	local begin
	begin=$(date +%s%N)
	"$bin/tests/visible" "$EG_LAB_INFLUX" "$begin" "$count" 60 ${sensor:+"$sensor"} &
	local watcher=$!
	# What counts begins with the reading: the command has started before it.
	{ sleep 0.5 && eg-sim --precise "${sim[@]}"; } | "$@" >/dev/null
	wait $watcher || echo "$title: some were not seen" >&2
}

# As watch, with the goals behind the title.
flow() {
	watch "$1" "${@:3}" >"$work/seen"
	quantiles "$2" "$1" <"$work/seen"
}

# The first reading that comes to WHO's programs, and to a new database, which has to make its
# files.
first() { # WHO
	fresh_influx energy
	start "$1"
	watch 'first reading' 1 '' --sensors 1 --rounds 1 -- "$1" >>"$work/first-$1"
	kill "${consumer[-1]}"
	wait "${consumer[-1]}" || true
	unset 'consumer[-1]'
}

for ((turn = 0; turn < 5; turn++)); do
	first bare
	first ours
done
quantiles '' 'first reading, bare loops' <"$work/first-bare"
quantiles 15 'first reading after a start' <"$work/first-ours"
start bare
start ours
flow 'drill, 15 sensors, 20 x 0.5 s' 10,50 300 '' --rounds 20 --delay 0.5 -- ours
# A watcher of all would take the processors that the flow needs: one sensor of many.
flow '10,000/s, bare loops' '' 500 sensor7 \
	--sensors 100 --rounds 500 --rate 10000 -- bare
flow '10,000/s, --batch 1000' 20,20 500 sensor7 \
	--sensors 100 --rounds 500 --rate 10000 -- ours --batch 1000
flow '100,000/s, --batch 1000' 50 500 sensor7 \
	--sensors 1000 --rounds 500 --rate 100000 -- ours --batch 1000
