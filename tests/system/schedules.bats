#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Random schedules of failures under load: tests/tools/schedule, again and again.
# EG_SCHEDULE_ROUNDS says how many (20), EG_SCHEDULE_SEED the seed of the first (1): a bad
# one can be run again alone.

bats_require_minimum_version 1.5.0

setup() {
	PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$PATH"
	SCHEDULE=$BATS_TEST_DIRNAME/../tools/schedule
}

teardown() {
	pkill -KILL -f "eg-(store|replicate) .*$BATS_TEST_TMPDIR" || true
}

one() { # SEED
	timeout 240 "$SCHEDULE" "$1" "$BATS_TEST_TMPDIR/$1" >"$BATS_TEST_TMPDIR/$1.log" 2>&1 3>&- ||
		echo "$1" >>"$BATS_TEST_TMPDIR/bad"
}

@test "after any schedule of kills, failures and returns quorums hold, and repair makes all equal" {
	local seed first=${EG_SCHEDULE_SEED:-1} rounds=${EG_SCHEDULE_ROUNDS:-20}
	: >"$BATS_TEST_TMPDIR/bad"
	for ((seed = first; seed < first + rounds; seed++)); do
		while (($(jobs -pr | wc -l) >= 4)); do wait -n || true; done
		one $seed &
	done
	wait
	for seed in $(<"$BATS_TEST_TMPDIR/bad"); do
		echo "seed $seed:"
		cat "$BATS_TEST_TMPDIR/$seed.log"
		tail -n 20 "$BATS_TEST_TMPDIR/$seed/err"
	done
	[[ ! -s $BATS_TEST_TMPDIR/bad ]]
}
