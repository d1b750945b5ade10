# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Runs eg-watch on records, for the tests that load this file.
# shellcheck disable=SC2016,SC2034,SC2154 # the tests read some; bats sets some; inner shells expand

load ../wait
load is

setup() {
	BIN=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
	TOOLS=$BATS_TEST_DIRNAME/../tools
	PATH=$BIN:$PATH
	cd "$BATS_TEST_TMPDIR" || return 1
	PID=''
}

teardown() {
	if [[ -n $PID ]]; then kill -9 "$PID" 2>/dev/null || true; fi
}

at() { # MINUTES VALUE [SENSOR]: a record
	printf '%s:2026-01-01T%02d:%02d:00:%s\n' "${3:-house}" $(($1 / 60)) $(($1 % 60)) "$2"
}

# The edges of rule r for the rules of the lines $1 and the records of the standard input, as
# `minute value` words.
edges() {
	printf '%b\n' "$1" >rules
	timeout 30 eg-watch rules |
		sed -E 's|^watch/r/house:2026-01-01T([0-9]*):([0-9]*):00(\.000000001)?:(.*)|\1 \2 \4|' |
		awk '{ printf "%s%d=%s", (NR > 1 ? " " : ""), $1 * 60 + $2, $3 }'
}

# A command that keeps edges in the file `got` and gives receipts.
readonly KEEP='while IFS= read -r l; do printf "%s\n" "$l" >>got; printf "%s\n" "$l"; done'
