#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A plain CSV file to records: eg-import against a bare loop of getline and strtod, and against
# Miller (mlr) where it is installed. All three give the same bytes.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-import.sh BUILD}")
readonly ROWS=1000000 PEER_ROWS=200000 # Miller is slow
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC
cd "$work"

awk -v n=$ROWS 'BEGIN { print "time,value"; srand(1); for (i = 0; i < n; i++)
	printf "%d,%.2f\n", 1700000000 + 10 * i, 3000 * rand() }' >all
head -n $((PEER_ROWS + 1)) all >some

by_us() { "$bin/eg-import" csv -t time -F epoch -S s -y value "$1"; }
by_loop() { "$bin/tests/bench_import" <"$1"; }
by_mlr() {
	mlr --icsv put -q 'print "s:" . sub(sec2gmt($time), "Z", "") . ":" . $value' "$1"
}

# seconds COMMAND FILE: of processor time, the least of three runs.
seconds() {
	local TIMEFORMAT='%U %S'
	for _ in 1 2 3; do
		{ time "$1" "$2" >"$1"; } 2>&1 | awk '{ print $1 + $2 }'
	done | sort -n | head -n 1
}

# report PEER ROWS OURS THEIRS
report() {
	awk -v peer="$1" -v n="$2" -v ours="$3" -v theirs="$4" 'BEGIN {
		printf "ours %.0f rows/s, %s %.0f rows/s\n", n / ours, peer, n / theirs
		printf "ratio ours/%s %.1f\n", peer, theirs / ours
		printf "row\teg-import\t%.0f rows/s\t%s\t%.1f\t\n", n / ours, peer, theirs / ours }'
}

ours=$(seconds by_us all)
theirs=$(seconds by_loop all)
cmp by_us by_loop
report 'bare loop' $ROWS "$ours" "$theirs"
if command -v mlr >/dev/null; then
	ours=$(seconds by_us some)
	theirs=$(seconds by_mlr some)
	cmp by_us by_mlr
	report mlr $PEER_ROWS "$ours" "$theirs"
else
	echo 'mlr is not installed: not compared'
fi
