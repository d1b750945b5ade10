#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Peers and files that are not what they should be; `make fuzz` does this for longer.

bats_require_minimum_version 1.5.0

hostile() { # KIND
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	run timeout 200 /usr/bin/python3 tests/fuzz/hostile "$1" "${EG_BIN:-build}" "${FUZZ_SECONDS:-5}"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "garbage in place of AMQP neither crashes nor hangs a program, nor makes it claim" {
	hostile broker
}

@test "answers over HTTP that are no whole 204 neither crash nor hang eg-influx, nor make it claim" {
	hostile http
}

@test "damaged CSV files make records or refusals" {
	hostile csv
}
