#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a program's parent has done to its signals changes nothing.

# shellcheck disable=SC2154  # what run sets
bats_require_minimum_version 1.5.0

setup() {
	load ../wait
	cd "$BATS_TEST_TMPDIR" || return 1
	PATH="$(realpath "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}"):$PATH"
	record=s:2026-01-01T00:00:00:1
}

limited() { # KIB COMMAND...: files are no larger
	# shellcheck disable=SC2016 # bash -c expands
	run --separate-stderr timeout 60 bash -c 'ulimit -f "$1"; shift; exec "$@"' bash "$@"
}

@test "a limit on the size of files is a failed write, with status 74" {
	limited 8 bash -c 'exec eg-sim -n 100 -r 100 -s 2026-01-01T00:00:00 >out'
	[ "$status" -eq 74 ]
	[[ $stderr == *"File too large" ]]
	[ "$(stat -c %s out)" -eq 8192 ]
	seq -f bad%.0f 40000 >bad
	limited 1100 bash -c 'exec eg-energy --rejects rejects <bad'
	[ "$status" -eq 74 ]
	[[ $stderr == *"File too large"* ]]
	# The memory of a stage's input counts as a file.
	limited 64 bash -c "exec eg-store store.db <<<$record"
	[ "$status" -eq 74 ]
	[[ $stderr == *"File too large" ]]
}

@test "SIGCHLD may be ignored by the parent" {
	printf 'time,kWh\n2026-01-01 00:00,1\n2026-01-01 01:00,2\n' >t.csv
	run --separate-stderr eg-import guess t.csv
	[ "$status" -eq 0 ]
	guessed=$output
	run --separate-stderr env --ignore-signal=CHLD eg-import guess t.csv
	[ "$status" -eq 0 ]
	[ "$output" = "$guessed" ]
	run --separate-stderr env --ignore-signal=CHLD eg-store --listen 99999 store.db </dev/null
	[ "$status" -eq 64 ]
	printf 'quorum 1\nstrategy full\nnode a eg-store %s/a.db\n' "$PWD" >cluster
	run --separate-stderr env --ignore-signal=CHLD eg-replicate cluster <<<"$record"
	[ "$status" -eq 0 ]
	[ "$output" = "$record" ]
	run --separate-stderr env --ignore-signal=CHLD eg-replicate cluster range s
	[ "$status" -eq 0 ]
	[ "$output" = "$record" ]
}

@test "SIGTERM may be blocked by the parent" {
	mkfifo in
	env --block-signal=TERM eg-store store.db <in >out 3>&- &
	local pid=$!
	exec 7>in
	echo "$record" >&7
	wait_until test -s out
	kill "$pid"
	wait_until gone "$pid"
	exec 7>&-
	local status=0
	wait "$pid" || status=$?
	[ "$status" -eq 0 ]
}
