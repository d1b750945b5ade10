# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Starts a stage whose sink does what its options say, for the tests that load this file.
# shellcheck disable=SC2034,SC2154 # the tests read some; bats sets some

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}/tests:$PATH"
	PID=
	load ../wait
}

# In the foreground it has a minute.
passthrough() {
	timeout 60 passthrough "$@"
}

teardown() {
	[ -z "$PID" ] || { kill -KILL "$PID" && wait "$PID"; } 2>/dev/null || true
}

# Prints N records with different keys.
records() {
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "sensor%d:2026-11-23T%02d:%02d:%02d:%d.%02d\n", i % 15,
			    i / 3600 % 24, i / 60 % 60, i % 60, i / 86400, i % 100 }'
}
