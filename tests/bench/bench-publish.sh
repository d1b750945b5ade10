#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How fast eg-publish is, as ratios of runs that alternate on one broker. The peers: a bare
# rabbitmq-c loop over a ready-made body (bare), one that reads the lines and writes them when they
# are confirmed, as eg-publish does, but looks for newlines only (lines), the same that checks the
# lines too (checked), and amqp-publish.
#
# The bare loop reads and writes no lines, so eg-publish cannot reach it when the processor is
# short: of processor time a record it takes 20 ns, lines 60, eg-publish 62, of which 38 are the
# kernel's for reading and sending (messages of 1,000 records; AMD EPYC, gcc 12, nothing else).

set -euo pipefail

readonly NAME=bench-publish QUEUE=bench-publish WINDOW=1000
VERSION=$(sed -n 's/^VERSION *:= *//p' "$(dirname -- "${BASH_SOURCE[0]}")/../../Makefile")
HERE=$(cd "$(dirname "$0")" && pwd)
BIN=${EG_BIN:-$HERE/../../build}
ROUNDS=5 MESSAGES=60000 BATCHES=3000
# shellcheck source=tests/bench/lab.bash
. "$HERE/lab.bash"
PATH=$HERE/../../scripts:$PATH

help() {
	cat <<END
usage: $NAME [options] [BUILD]
Compare eg-publish with a bare rabbitmq-c loop and with amqp-publish.

  -b, --batches N    messages of 1000 records a run ($BATCHES)
  -h, --help         print this and exit
  -m, --messages N   messages of one record a run ($MESSAGES)
  -r, --rounds N     runs of each kind, of which the median counts ($ROUNDS)
  -V, --version      print the version and exit
END
}

usage() {
	printf '%s: %s; see %s --help\n' "$NAME" "$1" "$NAME" >&2
	exit 64
}

number() { [[ $2 =~ ^[1-9][0-9]{0,8}$ ]] || usage "$1: '$2' is not a number above 0"; }

while (($#)); do
	case $1 in
	-h | --help)
		help
		exit 0
		;;
	-V | --version)
		echo "$NAME $VERSION"
		exit 0
		;;
	-b | --batches | -m | --messages | -r | --rounds)
		(($# > 1)) || usage "'$1' needs an argument"
		number "$1" "$2"
		case $1 in
		-b | --batches) BATCHES=$2 ;;
		-m | --messages) MESSAGES=$2 ;;
		*) ROUNDS=$2 ;;
		esac
		shift 2
		;;
	-*) usage "unknown option '$1'" ;;
	*)
		(($# == 1)) || usage "too many operands"
		BIN=$1
		shift
		;;
	esac
done
readonly BENCH=$BIN/tests/bench_amqp

DIR=$(mktemp -d)
# shellcheck disable=SC2317 # the trap calls it
clean_up() {
	lab_down
	rm -rf "$DIR"
}
trap clean_up EXIT

records() {
	awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
		printf "sensor%d:2023-11-14T%02d:%02d:%02d:%.2f\n", i % 15,
			i / 3600 % 24, i / 60 % 60, i % 60, 40 + i % 3000 / 100 }'
}

# The time of a whole run, with connecting and closing.
timed() { # RECORDS COMMAND...: prints records a second
	local start=${EPOCHREALTIME/./} count=$1
	shift
	"$@" >/dev/null
	echo $((count * 1000000 / (${EPOCHREALTIME/./} - start)))
}

# An empty queue, and a broker that is no longer at work for the run before.
fresh() { "$BENCH" $QUEUE 0 1 1 && sleep 0.5; }

measure() { # KIND
	case $1 in
	bare-1) timed "$MESSAGES" "$BENCH" $QUEUE "$MESSAGES" $WINDOW 1 ;;
	bare-1000) timed $((BATCHES * 1000)) "$BENCH" $QUEUE "$BATCHES" $WINDOW 1000 ;;
	lines-1000)
		timed $((BATCHES * 1000)) "$BIN/tests/bench_lines" $QUEUE $WINDOW 1000 <"$DIR/many"
		;;
	checked-1000)
		timed $((BATCHES * 1000)) "$BIN/tests/bench_lines" $QUEUE $WINDOW 1000 check <"$DIR/many"
		;;
	publish-1) timed "$MESSAGES" "$BIN/eg-publish" -q $QUEUE -w $WINDOW <"$DIR/few" ;;
	publish-1000)
		timed $((BATCHES * 1000)) "$BIN/eg-publish" -q $QUEUE -w $WINDOW --batch 1000 <"$DIR/many"
		;;
	amqp-publish)
		timed "$MESSAGES" amqp-publish --url="$AMQP_URL" -r $QUEUE -p -l <"$DIR/few"
		;;
	esac
}

median() { sort -n "$DIR/$1" | sed -n "$(((ROUNDS + 1) / 2))p"; }

STATUS=0
# The median of the rounds' ratios.
ratio() { # WHAT A B GOAL
	local ratio
	ratio=$(paste "$DIR/$2" "$DIR/$3" | awk '{ print $1 / $2 }' | sort -g | sed -n "$(((ROUNDS + 1) / 2))p")
	awk -v what="$1" -v a="$(median "$2")" -v r="$ratio" -v goal="$4" -v peer="$3" -v us="$2" 'BEGIN {
		printf "%-58s %9.2f", what, r
		if (goal != "") printf "  (goal %s: %s)", goal, (r >= goal + 0 ? "met" : "MISSED")
		print ""
		printf "row\teg-publish, %s\t%d records/s\t%s\t%.2f\t%s\n", us, a, peer, r, goal
		exit goal != "" && r < goal + 0 }' || STATUS=1
}

lab_up "$DIR/lab" --no-influxdb --no-victoria
records "$MESSAGES" >"$DIR/few"
records 100000 >"$DIR/some"
for ((i = 0; i < (BATCHES + 99) / 100; i++)); do cat "$DIR/some"; done |
	head -n $((BATCHES * 1000)) >"$DIR/many"

kinds=(bare-1 publish-1 bare-1000 publish-1000 lines-1000 checked-1000)
if command -v amqp-publish >/dev/null; then
	kinds+=(amqp-publish)
fi
for ((round = 0; round < ROUNDS; round++)); do
	# Forwards and back.
	order=("${kinds[@]}")
	((round % 2 == 0)) || mapfile -t order < <(printf '%s\n' "${kinds[@]}" | tac)
	for kind in "${order[@]}"; do
		fresh
		measure "$kind" >>"$DIR/$kind"
	done
done

for kind in "${kinds[@]}"; do
	printf '%-58s %9d [%d..%d]\n' "$kind, records a second, median of $ROUNDS" "$(median "$kind")" \
		"$(sort -n "$DIR/$kind" | head -n 1)" "$(sort -n "$DIR/$kind" | tail -n 1)"
done
ratio "eg-publish / bare rabbitmq-c loop, 1 record a message" publish-1 bare-1 1.0
ratio "eg-publish --batch 1000 / bare loop, 1000 a message" publish-1000 bare-1000 0.85
ratio "eg-publish --batch 1000 / the same with lines in and out" publish-1000 lines-1000 ""
ratio "eg-publish --batch 1000 / the same with lines checked" publish-1000 checked-1000 ""
ratio "eg-publish --batch 1000 / --batch 1" publish-1000 publish-1 100
if [[ -e $DIR/amqp-publish ]]; then
	ratio "eg-publish / amqp-publish -l, which confirms nothing" publish-1 amqp-publish ""
else
	echo "amqp-publish is not installed (package amqp-tools): not compared"
fi
exit $STATUS
