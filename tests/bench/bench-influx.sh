#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How fast eg-influx writes, against a bare libcurl loop that posts ready-made bodies of
# the same size over as many connections: on InfluxDB and on VictoriaMetrics.

set -euo pipefail

readonly NAME=bench-influx
VERSION=$(sed -n 's/^VERSION *:= *//p' "$(dirname -- "${BASH_SOURCE[0]}")/../../Makefile")
BATCH=5000 RUNS=5 RECORDS=1000000

help() {
	cat <<'END'
usage: bench-influx.sh [--help | --version | BUILD]
Starts a private lab and prints the rate of eg-influx, that of the bare loop, and the
ratio, for one and two connections; then that of eg-influx that finds the number of its
connections, against itself with each of some fixed numbers, of which the best counts. All
runs take turns, the order changes from turn to turn, and the median of the turns' ratios
counts: so a noisy machine hurts all alike. The spread tells how noisy it was. The bare
loop reads no records, converts nothing and gives no receipts.

BUILD is the folder of the programs (else EG_BIN, else build).

EG_BENCH_RECORDS     records a run at InfluxDB (1000000); VictoriaMetrics, which is faster,
                     gets twice as many: a run takes a second, or more than a part of it would be
                     the start and the search for the number
EG_BENCH_RUNS        turns (5)
END
}

die() {
	printf '%s: %s\n' "$NAME" "$2" >&2
	exit "$1"
}

(($# < 2)) || die 64 "takes one folder at most; see --help"
case ${1-} in
-h | --help)
	help
	exit 0
	;;
-V | --version)
	printf '%s %s\n' "$NAME" "$VERSION"
	exit 0
	;;
-*) die 64 "unknown option '$1'; see --help" ;;
esac

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
bin=$(realpath -- "${1:-${EG_BIN:-$here/../../build}}")
# shellcheck source=tests/bench/turns.bash
. "$here/turns.bash"
PATH=$bin:$bin/tests:$here/../../scripts:$PATH
RUNS=${EG_BENCH_RUNS:-$RUNS} RECORDS=${EG_BENCH_RECORDS:-$RECORDS}
unset INFLUX_TOKEN INFLUX_TOKEN_FILE http_proxy all_proxy ALL_PROXY

for program in eg-sim eg-influx post_bodies eg-lab curl; do
	command -v "$program" >/dev/null || die 78 "cannot find $program"
done

scratch=$(mktemp -d)
# Not the lab of all parts: VictoriaMetrics goes on with what it was given after the last answer.
export EG_LAB_DIR=$scratch/lab
trap 'eg-lab down >/dev/null 2>&1 || true; rm -rf "$scratch"' EXIT
eg-lab --no-rabbitmq up >/dev/null 2>&1 || die 75 'cannot start the lab'
eval "$(eg-lab env)"

declare -A COUNT=([influxdb]=$RECORDS [victoria]=$((2 * RECORDS)))
eg-sim -n 1000 -r $((COUNT[victoria] / 1000)) --start 2026-01-01T00:00:00 --step 1s --seed 1 \
	>"$scratch/records.victoria"
TZ=UTC awk '{
	i = index($0, ":"); time = substr($0, i + 1, 19)
	if (time != last) { last = time; t = time; gsub(/[-T:]/, " ", t); second = mktime(t) }
	print "energy,sensor=" substr($0, 1, i - 1) " value=" substr($0, i + 21) " " second
}' "$scratch/records.victoria" >"$scratch/lines.victoria"
for kind in records lines; do
	head -n "$RECORDS" "$scratch/$kind.victoria" >"$scratch/$kind.influxdb"
done

fresh() { # SERVER: an empty database; VictoriaMetrics has no such thing
	[[ $1 == influxdb ]] || return 0
	curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode 'q=DROP DATABASE bench' >/dev/null
	curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode 'q=CREATE DATABASE bench' >/dev/null
}

one_run() { # WHO SERVER CONNECTIONS -> SECONDS_TAKEN
	local start url=$EG_LAB_INFLUX post='/write?db=bench&precision=s' api=(--db bench)
	if [[ $2 == victoria ]]; then
		url=$EG_LAB_VICTORIA post='/api/v2/write?precision=s' api=(--bucket bench)
	fi
	fresh "$2"
	start=$EPOCHREALTIME
	if [[ $1 == ours ]]; then
		eg-influx --url "$url" "${api[@]}" --batch $BATCH --connections "$3" \
			-v <"$scratch/records.$2" >/dev/null 2>"$scratch/messages"
		grep -q "out ${COUNT[$2]} + refused 0" "$scratch/messages" || die 70 'receipts are missing'
	else
		post_bodies "$url$post" "$scratch/lines.$2" $BATCH "$3"
	fi
	SECONDS_TAKEN=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
}

# `auto` against the best fixed number. A turn a line: each number and its seconds. For each turn
# the best number is the one with the best median in the other turns: the best of four that differ
# by chance would have been lucky in its own.
report_auto() { # SERVER
	awk -v n="${COUNT[$1]}" -v server="$1" "$AWK_SORT"'
		function median(a, k) { sort(a, k); return a[int((k + 1) / 2)] }
		# Without a turn; 0: of all.
		function typical(who, without,  a, i, k) {
			for (i = 1; i <= NR; i++) if (i != without) a[++k] = s[who, i]
			return median(a, k)
		}
		function best_of(without,  who, found) {
			for (who in name)
				if (who != "auto" && (found == "" || typical(who, without) < typical(found, without)))
					found = who
			return found
		}
		{
			for (i = 1; i < NF; i += 2)
				if ($i !~ /^bare/) { s[$i, NR] = $(i + 1); name[$i] }
		}
		END {
			for (i = 1; i <= NR; i++) a[i] = s[best_of(i), i] / s["auto", i]
			ratio = median(a, NR)
			best = best_of(0)
			printf "eg-influx, %s, connections found: %.0f/s, best fixed number %d: %.0f/s, ratio %.2f (%.2f to %.2f)\n",
				server, n / typical("auto", 0), best, n / typical(best, 0), ratio, a[1], a[NR]
			printf "row\teg-influx, %s, connections: auto\t%.0f records/s\tbest fixed number: %d\t%.2f\t0.95\n",
				server, n / typical("auto", 0), best, ratio
		}'
}

# Ours and the bare loop with as many connections stand beside each other in each order.
readonly ORDER=(bare-1 1 auto 2 bare-2 4 8) BACK=(8 4 bare-2 2 auto 1 bare-1)
for server in influxdb victoria; do
	one_run bare "$server" 1 # warm
	for ((turn = 0; turn < RUNS; turn++)); do
		order=("${ORDER[@]}")
		((turn % 2 == 0)) || order=("${BACK[@]}")
		# A server that is slower in some part of a turn is so for another one in each.
		order=("${order[@]:turn}" "${order[@]:0:turn}")
		for run in "${order[@]}"; do
			who=ours
			[[ $run != bare-* ]] || who=bare
			one_run "$who" "$server" "${run#bare-}"
			printf '%s %s ' "$run" "$SECONDS_TAKEN"
		done
		echo
	done >"$scratch/turns"
	report_auto "$server" <"$scratch/turns"
	for connections in 1 2; do
		awk -v c="$connections" '{
			for (i = 1; i < NF; i += 2) s[$i] = $(i + 1)
			print s[c], s["bare-" c] }' "$scratch/turns" |
			report_turns "eg-influx, $server, connections: $connections" "${COUNT[$server]}" 'bare loop'
	done
done
