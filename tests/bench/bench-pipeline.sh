#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Queue to database: eg-consume -- eg-influx against a Python consumer that writes each
# record over HTTP, as the classic system does; one record a message, and in batches. Then
# against a bare loop that posts the messages, which hold line protocol, as they are, the same
# loop that makes line protocol of the records, and two bare programs with the same promise.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-pipeline.sh BUILD}")
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/bench/turns.bash
. "$here/turns.bash"
# shellcheck source=tests/bench/lab.bash
. "$here/lab.bash"
export PATH=$bin:$bin/tests:$here/../../scripts:$PATH
readonly SINGLE=40000 BATCHED=1000000 DRAINED=2000000 CLASSIC=1500 RUNS=5
work=$(mktemp -d)
trap 'lab_down; rm -rf "$work"' EXIT
lab_up "$work/lab" --no-victoria
declare_queues misurazioni:classic {,bare-,reads-,pair-}{classic:classic,quorum:quorum}
fresh_influx energy

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

for ((run = 0; run < RUNS; run++)); do
	fill $CLASSIC
	/usr/bin/python3 "$here/classic_consumer.py" "$AMQP_URL" "$EG_LAB_INFLUX" $CLASSIC >>"$work/classic"
	fill $SINGLE
	ours $SINGLE $SINGLE >>"$work/single"
	fill $BATCHED --batch 1000
	ours $BATCHED "$(queue_count message misurazioni)" >>"$work/batched"
done
awk -v classic="$(median <"$work/classic")" -v single="$(median <"$work/single")" \
	-v batched="$(median <"$work/batched")" 'BEGIN {
	printf "python, pika, a request each   %9d records/s\n", classic
	printf "eg-consume, one a message      %9d records/s: %.0f times (goal 10)\n", single, single / classic
	printf "eg-consume, --batch 1000       %9d records/s: %.0f times (goal 100)\n", batched, batched / classic
	printf "row\tqueue to InfluxDB, one a message\t%d records/s\tpython, pika\t%.0f\t10\n", single, single / classic
	printf "row\tqueue to InfluxDB, --batch 1000\t%d records/s\tpython, pika\t%.0f\t100\n", batched, batched / classic
}'

# The readings of fill as line protocol.
eg-sim --sensors 100 --rounds $((DRAINED / 100)) --start 2026-01-01T00:00:00 --step 1s |
	TZ=UTC awk '{
		i = index($0, ":"); time = substr($0, i + 1, 19)
		if (time != last) { last = time; t = time; gsub(/[-T:]/, " ", t); second = mktime(t) }
		print "energy,sensor=" substr($0, 1, i - 1) " value=" substr($0, i + 21) " " second
	}' >"$work/lines"

# Seconds that a command takes.
seconds() { # COMMAND...
	local begin=${EPOCHREALTIME/[.,]/}
	"$@" >/dev/null
	echo $((${EPOCHREALTIME/[.,]/} - begin))e-6
}

drain() { # bare|pair|ours QUEUE [OPTIONS]: seconds
	local n write="$EG_LAB_INFLUX/write?db=energy&precision=s"
	n=$(queue_count message "$2")
	fresh_influx energy
	case $1 in
	bare)
		seconds bench_drain "$2" "$write" "$n" 300 5 2 "${@:3}"
		;;
	pair)
		# Three reads of 64 KiB are 5,800 records.
		seconds bench_feed "$2" "$n" 300 bench_drain - "$write" 0 300 3 2 records
		;;
	*)
		seconds eg-consume -q "$2" --count "$n" "${@:3}" -- \
			eg-influx --url "$EG_LAB_INFLUX" --db energy
		;;
	esac
}

for type in classic quorum; do
	for ((run = 0; run < RUNS; run++)); do
		fill $DRAINED -q "$type" --batch 1000
		fill $DRAINED -q "reads-$type" --batch 1000
		fill $DRAINED -q "pair-$type" --batch 1000
		bench_lines "bare-$type" 200 1000 <"$work/lines" >/dev/null
		# Each of the four is first in some of the runs.
		drains=("ours $type" "bare bare-$type" "bare reads-$type records" "pair pair-$type")
		for ((i = run; i < run + 4; i++)); do
			# shellcheck disable=SC2086 # a word a word
			took[i % 4]=$(drain ${drains[i % 4]})
		done
		echo "${took[0]} ${took[1]}" >>"$work/bare-$type"
		echo "${took[0]} ${took[2]}" >>"$work/reads-$type"
		echo "${took[0]} ${took[3]}" >>"$work/pair-$type"
	done
	report_turns "drain, $type, --batch 1000" $DRAINED 'bare loop' 1.0 <"$work/bare-$type"
	report_turns "drain, $type, --batch 1000" $DRAINED 'bare loop that reads' <"$work/reads-$type"
	report_turns "drain, $type, --batch 1000" $DRAINED 'two bare programs' <"$work/pair-$type"
done

singles() { # [OPTIONS]
	fill $SINGLE -q quorum -w 2000
	drain ours quorum "$@"
}

for ((run = 0; run < RUNS; run++)); do
	in_turn $run singles 'singles -p 4000'
done | report_turns 'drain, quorum, one a message, defaults' $SINGLE 'prefetch 4000' 1.0
fresh_influx energy # nothing that it could work on beside the next part
