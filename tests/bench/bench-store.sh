#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# eg-store against a bare SQLite loop with the same batches and pragmas, and against
# sqlite3's .import: rates, bytes on disk, a sensor's day out of many, a lone record.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-store.sh BUILD}")
# shellcheck source=tests/bench/turns.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/turns.bash"
export PATH=$bin:$bin/tests:$PATH LC_ALL=C
ROUNDS=${EG_BENCH_ROUNDS:-300} # of 1000 sensors
TURNS=${EG_BENCH_TURNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
records=$((ROUNDS * 1000))

# taken COMMAND...: seconds in $SECONDS_TAKEN, wall clock.
taken() {
	local start=$EPOCHREALTIME
	"$@"
	SECONDS_TAKEN=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
}

quantiles() { # TITLE: of milliseconds, one a line
	sort -n | awk -v title="$1" '{ ms[NR] = $1 } END {
		printf "%-38s median %6.2f ms, 99th %6.2f, of %d\n", title, ms[int((NR + 1) / 2)],
			ms[int(NR * 0.99 + 0.999999)], NR }'
}

ours() { rm -f ours.db* && eg-store -v ours.db <"$1" >out 2>messages; }
bare() { rm -f bare.db* && bench_sqlite bare.db "$batch" <"$1" >out; }
import() {
	rm -f import.db*
	sqlite3 import.db 'PRAGMA journal_mode = WAL' 'CREATE TABLE r(sensor TEXT, time TEXT,
		value REAL, PRIMARY KEY(sensor, time)) WITHOUT ROWID' '.mode tabs' '.import columns r' >out
}

# compare TITLE FILE [GOAL]: turns in changing order, so that a noisy machine hurts both alike.
compare() {
	local turn who
	declare -A seconds
	ours "$2"
	batch=$((records / $(sed -n 's/.*commits \([0-9]*\).*/\1/p' messages)))
	for ((turn = 0; turn < TURNS; turn++)); do
		for who in $( ((turn % 2)) && echo ours bare || echo bare ours); do
			taken "$who" "$2"
			[[ $(wc -l <out) -eq $records ]]
			seconds[$who]=$SECONDS_TAKEN
		done
		echo "${seconds[ours]} ${seconds[bare]}"
	done | report_turns "$1" "$records" "bare loop ($batch a batch)" "${3-}"
}

eg-sim -n 1000 -r "$ROUNDS" --start 2026-01-01T00:00:00 --step 1m --seed 1 >interleaved
sort -t: -k1,1 -s interleaved >sorted
compare 'eg-store, sensors in turn' interleaved 0.95
bytes=$(($(stat -c %s ours.db) * 10 / records)) bare=$(($(stat -c %s bare.db) * 10 / records))
compare 'eg-store, a sensor at a time' sorted
sed 's/:/\t/; s/\(.*\):/\1\t/' interleaved >columns
for ((turn = 0; turn < TURNS; turn++)); do
	taken ours interleaved
	mine=$SECONDS_TAKEN
	taken import
	echo "$mine $SECONDS_TAKEN"
done | report_turns 'eg-store, sensors in turn' "$records" 'sqlite3 .import'
awk -v ours=$bytes -v bare=$bare -v text="$(stat -c %s interleaved)" \
	-v import="$(stat -c %s import.db)" -v n=$records 'BEGIN {
	printf "bytes a record on disk: eg-store %.1f, bare loop %.1f, .import %.1f, text %.1f\n",
		ours / 10, bare / 10, import / n, text / n }'
rm -f interleaved sorted columns out -- *.db*

eg-sim -n 1000 -r 3000 --start 2026-01-01T00:00:00 --step 1m --seed 1 | eg-store big.db >/dev/null
with_eg_store() { eg-store big.db range sensor500 2026-01-02 2026-01-03 >day; }
with_sqlite3() {
	sqlite3 big.db "SELECT name || ':' || strftime('%Y-%m-%dT%H:%M:%S', ns / 1000000000, 'unixepoch')
		|| ':' || value FROM records r JOIN sensors s ON s.id = r.sensor WHERE name = 'sensor500' AND
		ns >= unixepoch('2026-01-02') * 1000000000 AND ns < unixepoch('2026-01-03') * 1000000000
		ORDER BY ns" >day
}
for who in with_eg_store with_sqlite3; do
	for ((turn = 0; turn < 30; turn++)); do
		taken "$who"
		[[ $(wc -l <day) -eq 1440 ]]
		awk -v s="$SECONDS_TAKEN" 'BEGIN { print s * 1000 }'
	done | quantiles "a sensor's day of 3 million, ${who#with_}"
done
rm -f big.db*

# A record at a time: from the write to the receipt.
lone() { # COMMAND...
	local i receipt start
	rm -f to from
	mkfifo to from
	"$@" <to >from &
	exec 7>to 8<from
	for ((i = 0; i < 500; i++)); do
		start=$EPOCHREALTIME
		echo "sensor$((i % 15)):2026-01-01T00:$((i / 50 + 10)):$((i % 50 + 10)):$i" >&7
		read -r receipt <&8
		[[ $receipt == *":$i" ]]
		echo "$start $EPOCHREALTIME"
	done >stamps
	exec 7>&-
	wait $!
	exec 8<&-
	awk '{ print ($2 - $1) * 1000 }' stamps
}
lone eg-store lone.db | quantiles 'a lone record, eg-store'
lone bench_sqlite bare.db 1 | quantiles 'a lone record, bare loop'
