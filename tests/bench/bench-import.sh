#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A plain CSV file to records: eg-import against a bare loop of getline and strtod, and against
# Miller (mlr) where it is installed. All three give the same bytes.
set -euo pipefail

bin=$(realpath -- "${1:?usage: bench-import.sh BUILD}")
# shellcheck source=tests/bench/turns.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/turns.bash"
readonly ROWS=1000000 PEER_ROWS=100000 # Miller is slow
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C TZ=UTC
cd "$work"

awk -v n=$ROWS 'BEGIN { print "time,value"; srand(1); for (i = 0; i < n; i++)
	printf "%d,%.2f\n", 1700000000 + 10 * i, 3000 * rand() }' >all
head -n $((PEER_ROWS + 1)) all >some

by_us() { "$bin/eg-import" csv -t time -F epoch -S s -y value all; }
by_loop() { "$bin/tests/bench_import" <all; }
some_by_us() { "$bin/eg-import" csv -t time -F epoch -S s -y value some; }
by_mlr() {
	mlr --icsv put -q 'print "s:" . sub(sec2gmt($time), "Z", "") . ":" . $value' some
}

processor_turns by_us by_loop | report_turns eg-import $ROWS 'bare loop' '' rows
cmp by_us by_loop
if command -v mlr >/dev/null; then
	processor_turns some_by_us by_mlr | report_turns eg-import $PEER_ROWS mlr '' rows
	cmp some_by_us by_mlr
else
	echo 'mlr is not installed: not compared'
fi
