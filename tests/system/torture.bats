#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A short torture: what has a receipt is stored, with its value, whatever breaks on the way.

bats_require_minimum_version 1.5.0

@test "readings survive what a seed chooses of all faults, none lost, none wrong" {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	TORTURE_MINUTES=${TORTURE_MINUTES:-1.4} TORTURE_SEED=${TORTURE_SEED:-$(date +%j)} \
		TMPDIR=$BATS_TEST_TMPDIR \
		run timeout 600 /usr/bin/python3 tests/torture/torture "${EG_BIN:-build}"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'longest pause'* ]]
}
