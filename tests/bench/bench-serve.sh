#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How many requests and readings eg-serve takes, against a bare libmicrohttpd server that
# echoes bodies of the same size, and against a Flask route that does the classic work.
#
# eg-serve cannot be as fast as bare-safe, which does not look at a body. By callgrind, in
# instructions of the server a reading, without the kernel (records 610, line protocol 900, JSON
# 1030): 210 for the page of latest readings (the value as a number 75, to find the sensor 35, its
# trace 36) and the receipts; the rest to read the form, check the record and copy it: records 250,
# line protocol 540 (240 to split and check the point, 120 to write it as a record), JSON 670 (330
# to split the object, 150 to write it as a record). The kernel has a third of the server's time,
# and the child, which checks each record again, a quarter of that of both; bare-safe's child is
# cat(1).

set -euo pipefail

readonly NAME=bench-serve TOKEN=s3cret
VERSION=$(sed -n 's/^VERSION *:= *//p' "$(dirname -- "${BASH_SOURCE[0]}")/../../Makefile")
RUNS=5 SECONDS_A_RUN=1 BULK=1000 CLIENTS=64

help() {
	cat <<'END'
usage: bench-serve.sh [--help | --version | BUILD]
Lets wrk(1) send requests with one reading each to eg-serve with a stage as its child that
gives each record back, to eg-serve that writes to /dev/null, to a bare libmicrohttpd echo
and to a Flask route; and with a thousand, as JSON, as line protocol and as records, to
eg-serve with the child and to bare servers, JSON also to the Flask route. Runs take turns;
the median of the turns' ratios counts, the spread tells how noisy the machine was. Needs
wrk and python3-flask.

"bare" does nothing with a body. "bare-reads" is the same server, which reads the body
before it echoes it, with bare library calls: an array by json-c, of lines the ends (memchr)
and one number in each (strtod). It checks nothing, keeps nothing and hands nothing on. "bare-safe" does not look at a body either,
but answers only when cat(1) has given it back: what the promise costs at the least.
"bare-both" does both: it has eg-serve's promise, still without a check of the readings,
their times, the token and the receipts, and without a page of the latest readings.

BUILD is the folder of the programs (else EG_BIN, else build).

EG_BENCH_RUNS        turns (5)
EG_BENCH_SECONDS     of each run (1)
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
PATH=$bin:$bin/tests:$PATH
RUNS=${EG_BENCH_RUNS:-$RUNS} SECONDS_A_RUN=${EG_BENCH_SECONDS:-$SECONDS_A_RUN}
unset http_proxy

for program in eg-serve eg-sim passthrough bench_http wrk python3 curl; do
	command -v "$program" >/dev/null || die 78 "cannot find $program"
done
python3 -c 'import flask' 2>/dev/null || die 78 "cannot find Python's flask"

scratch=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"

# Waits until somebody listens at a port.
await() { # PORT
	local i
	for ((i = 0; i < 200; i++)); do
		(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
		sleep 0.05
	done
	die 75 "nobody listens at port $1"
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

declare -A port path=([bare-reads]=/read [bare-safe]=/safe [bare-both]=/read-safe)
for who in bare child stdout flask; do port[$who]=$(free_port); done
export EG_API_TOKEN=$TOKEN
bench_http "${port[bare]}" &
pids+=($!)
eg-serve -l "127.0.0.1:${port[child]}" -- passthrough >/dev/null &
pids+=($!)
eg-serve -l "127.0.0.1:${port[stdout]}" >/dev/null &
pids+=($!)
python3 "$here/classic_ingest.py" "${port[flask]}" "$TOKEN" >/dev/null 2>&1 &
pids+=($!)
for who in "${!port[@]}"; do await "${port[$who]}"; done
port[bare-reads]=${port[bare]} port[bare-safe]=${port[bare]} port[bare-both]=${port[bare]}

eg-sim -n 100 -r $((BULK / 100)) --start 2026-01-01T00:00:00 --step 1s --seed 1 >records
awk '{
	i = index($0, ":")
	printf "%s{\"sensor_id\": \"%s\", \"timestamp\": \"%s\", \"value\": %s}", (NR > 1 ? ", " : "["),
		substr($0, 1, i - 1), substr($0, i + 1, 19), substr($0, i + 21)
} END { print "]" }' records >json
TZ=UTC awk '{
	i = index($0, ":"); t = substr($0, i + 1, 19); gsub(/[-T:]/, " ", t)
	print "energy,sensor=" substr($0, 1, i - 1) " value=" substr($0, i + 21) " " mktime(t)
}' records >points
printf '{"sensor_id": "sensor1", "timestamp": "2026-11-23T14:18:36", "value": 55.21}' >one

script() { # FILE TYPE
	cat >"$1.lua" <<-END
		wrk.method = "POST"
		wrk.headers["Content-Type"] = "$2"
		wrk.headers["Authorization"] = "Bearer $TOKEN"
		local f = io.open("$scratch/$1")
		wrk.body = f:read("*a")
		f:close()
	END
}
script one application/json
script json application/json
script records text/plain
script points text/plain

# Requests a second into RATE.
measure() { # WHO FILE PATH
	wrk -t 1 -c "$CLIENTS" -d "${SECONDS_A_RUN}s" -s "$2.lua" "http://127.0.0.1:${port[$1]}${path[$1]-$3}" >wrk.out
	! grep -q 'Non-2xx' wrk.out || die 70 "$1 did not take $2"
	RATE=$(sed -n 's/^Requests\/sec: *//p' wrk.out)
}

# Medians of rates, and of ratios to the first one of a line; a turn a line.
report() { # WHAT FACTOR GOAL NAME...     GOAL: of the ratio to bare-safe, may be empty
	awk -v what="$1" -v factor="$2" -v goal="$3" -v names="${*:4}" "$AWK_SORT"'
		{ for (i = 1; i <= NF; i++) cell[NR, i] = $i }
		END {
			k = split(names, name, " "); m = int((NR + 1) / 2)
			for (i = 1; i <= k; i++) {
				for (j = 1; j <= NR; j++) {
					rate[j] = cell[j, i] * factor; ratio[j] = cell[j, 1] / cell[j, i]
				}
				sort(rate, NR); sort(ratio, NR)
				if (i == 1) {
					own = rate[m]
					printf "%s: eg-serve with a child %.0f/s\n", what, own
				} else {
					printf "  %s %.0f/s, ratio %.2f (%.2f to %.2f)\n", name[i], rate[m],
						ratio[m], ratio[1], ratio[NR]
					printf "row\teg-serve, %s\t%.0f/s\t%s\t%.2f\t%s\n", what, own, name[i], ratio[m],
						name[i] == "bare-safe" ? goal : ""
				}
			}
		}'
}

turns() { # FILE PATH WHO...
	local turn who
	for ((turn = 0; turn < RUNS; turn++)); do
		local rates=''
		for who in "${@:3}"; do
			measure "$who" "$1" "$2"
			rates+=" $RATE"
		done
		echo "$rates"
	done
}

measure bare one /ingest # warm
turns one /ingest child bare bare-safe stdout flask >table
report 'requests with one reading' 1 '' child bare bare-safe stdout flask <table
readonly BULK_PEERS=(child bare-reads bare-safe bare-both)
turns json /ingest_bulk "${BULK_PEERS[@]}" flask >table
report "readings as JSON, $BULK a request" "$BULK" 0.7 "${BULK_PEERS[@]}" flask <table
turns points /ingest_bulk "${BULK_PEERS[@]}" >table
report "readings as line protocol, $BULK a request" "$BULK" 0.5 "${BULK_PEERS[@]}" <table
turns records /ingest_bulk "${BULK_PEERS[@]}" >table
report "readings as records, $BULK a request" "$BULK" 0.6 "${BULK_PEERS[@]}" <table
