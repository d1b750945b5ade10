#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A year of a real three-phase house, from its export files into a real database.

bats_require_minimum_version 1.5.0

setup_file() {
	export PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$BATS_TEST_DIRNAME/../../scripts:$PATH"
	export DATA="${EG_SHARED:-$BATS_TEST_DIRNAME/../../../shared}/data"
	[[ -d $DATA ]] || return 0
	export EG_LAB_DIR="$BATS_FILE_TMPDIR/lab"
	eg-lab --no-victoria up >&2
}

teardown_file() {
	[[ ! -d $DATA ]] || eg-lab down >&2
}

setup() {
	[[ -d $DATA ]] || skip "THE DATA IS NOT HERE: no folder $DATA"
	eval "$(eg-lab env)"
}

influx() {
	curl -fsS "$EG_LAB_INFLUX/query" --data-urlencode "q=$1" --data-urlencode db=energy \
		-H 'Accept: application/csv'
}

@test "count and sum of each phase in the database are those of the files, to the last digit" {
	local phase
	eg-publish --declare
	for phase in A B C; do
		eg-import --sort --unique --to 2025-05-19 shelly-em3 "$DATA/shelly_em3_phase$phase.csv" \
			>"$BATS_TEST_TMPDIR/$phase"
		eg-publish --batch 1000 <"$BATS_TEST_TMPDIR/$phase" >"$BATS_TEST_TMPDIR/$phase.receipts"
		cmp "$BATS_TEST_TMPDIR/$phase" "$BATS_TEST_TMPDIR/$phase.receipts"
	done
	eg-consume --drain -- eg-influx --url "$EG_LAB_INFLUX" --db energy

	# In Wh; the database adds doubles, so the last digits are compared rounded.
	run influx "SELECT count(value), sum(value) FROM energy WHERE sensor =~ /import/ GROUP BY sensor"
	[[ $status -eq 0 ]]
	run awk -F, '/^energy/ { printf "%s %d %.2f\n", $2, $4, $5 }' <<<"$output"
	echo "$output"
	[[ ${lines[0]} == *A*" 50976 1761885.40" ]]
	[[ ${lines[1]} == *B*" 50976 1501303.10" ]]
	[[ ${lines[2]} == *C*" 50976 2098914.20" ]]
	[[ ${#lines[@]} -eq 3 ]]
}

@test "a year with both clock changes keeps every hour of its file apart" {
	eg-import dsmr-reader "$DATA/dsmrreader-hour-2024.csv" >"$BATS_TEST_TMPDIR/year"
	eg-influx --url "$EG_LAB_INFLUX" --db energy <"$BATS_TEST_TMPDIR/year" >"$BATS_TEST_TMPDIR/receipts"
	cmp "$BATS_TEST_TMPDIR/year" "$BATS_TEST_TMPDIR/receipts"
	sensor=$(head -n 1 "$BATS_TEST_TMPDIR/year" | cut -d: -f1)
	run influx "SELECT count(value) FROM energy WHERE sensor = '$sensor'"
	[[ $output == *,8754 ]]
	# 31 March has 23 hours by the clock of the house, 27 October 25.
	run influx "SELECT count(value) FROM energy WHERE sensor = '$sensor' AND time >= '2024-10-27' - 2h AND time < '2024-10-28' - 1h"
	[[ $output == *,25 ]]
}
