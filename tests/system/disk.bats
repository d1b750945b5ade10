#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A sample of what tests/torture/disk tries: a call to the disk fails, or the program dies there.

bats_require_minimum_version 1.5.0

@test "receipts and files agree after a call to the disk that failed, or at which the program died" {
	[[ -z ${EG_SAN-} ]] || skip "the sanitizers want to be loaded first"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	DISK_SAMPLE=${DISK_SAMPLE:-2} DISK_SEED=${DISK_SEED:-$(date +%j)} TMPDIR=$BATS_TEST_TMPDIR \
		run timeout 900 /usr/bin/python3 tests/torture/disk "${EG_BIN:-build}"
	echo "$output"
	[ "$status" -eq 0 ]
}
