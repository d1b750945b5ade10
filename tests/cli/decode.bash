# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Runs eg-decode in a folder of its own, for the tests that load this file.
# shellcheck disable=SC2154 # bats sets stderr

load ../wait

setup() {
	DECODE="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}/eg-decode"
	export DECODE
	unset TZ TZDIR
	cd "$BATS_TEST_TMPDIR" || return
	PID=
}

teardown() {
	if [[ -n $PID ]]; then kill -9 "$PID" 2>/dev/null || true; fi
}

decode() { # OPTIONS: standard input from the file `in`
	run --separate-stderr timeout 60 "$DECODE" "$@" <in
}

is_usage() { # TEXT
	[ "$status" -eq 64 ]
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "eg-decode: fatal: "*"$1"* ]]
}
