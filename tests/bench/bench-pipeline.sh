#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Queue to database: eg-consume -- eg-influx against a Python consumer that writes each
# record over HTTP, as the classic system does; one record a message, and in batches.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-pipeline.sh BUILD}")
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
export PATH=$bin:$here/../../scripts:$PATH
readonly SINGLE=50000 BATCHED=2000000 CLASSIC=3000 RUNS=3
work=$(mktemp -d)
export EG_LAB_DIR=$work/lab
trap 'eg-lab down >/dev/null; rm -rf "$work"' EXIT
eg-lab --no-victoria up >/dev/null
eval "$(eg-lab env)"
eg-publish --declare

# fill RECORDS [PUBLISH-OPTIONS]
fill() {
	local n=$1
	shift
	eg-sim --sensors 100 --rounds $((n / 100)) --start 2026-01-01T00:00:00 --step 1s |
		eg-publish "$@" >/dev/null
}

# Records a second of a whole run, with the start and end of both programs.
ours() {
	local begin end
	begin=${EPOCHREALTIME/[.,]/}
	eg-consume --count "$2" -- eg-influx --url "$EG_LAB_INFLUX" --db energy
	end=${EPOCHREALTIME/[.,]/}
	echo $(($1 * 1000000 / (end - begin)))
}

median() { sort -n | sed -n "$((RUNS / 2 + 1))p"; }

messages() { eg-lab ctl -q list_queues name messages | awk '$1 == "misurazioni" { print $2 }'; }

for ((run = 0; run < RUNS; run++)); do
	fill $CLASSIC
	/usr/bin/python3 "$here/classic_consumer.py" "$AMQP_URL" "$EG_LAB_INFLUX" $CLASSIC >>"$work/classic"
	fill $SINGLE
	ours $SINGLE $SINGLE >>"$work/single"
	fill $BATCHED --batch 1000
	ours $BATCHED "$(messages)" >>"$work/batched"
done
awk -v classic="$(median <"$work/classic")" -v single="$(median <"$work/single")" \
	-v batched="$(median <"$work/batched")" 'BEGIN {
	printf "python, pika, a request each   %9d records/s\n", classic
	printf "eg-consume, one a message      %9d records/s: %.0f times (goal 10)\n", single, single / classic
	printf "eg-consume, --batch 1000       %9d records/s: %.0f times (goal 100)\n", batched, batched / classic
	printf "row\tqueue to InfluxDB, one a message\t%d records/s\tpython, pika\t%.0f\t10\n", single, single / classic
	printf "row\tqueue to InfluxDB, --batch 1000\t%d records/s\tpython, pika\t%.0f\t100\n", batched, batched / classic
}'
