# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Runs eg-tariff on texts, for the tests that load this file.
# shellcheck disable=SC2016,SC2034,SC2154,SC2164 # bats and the tests use some

load ../wait
load is

setup() {
	PATH="$EG_BIN:$PATH"
	DATA="${EG_SHARED:-$BATS_TEST_DIRNAME/../../../shared}/data"
	TARIFFS=$BATS_TEST_DIRNAME/../../scripts/tariffs
	cd "$BATS_TEST_TMPDIR"
}

# tariff INPUT TABLE ARGUMENT...: both texts with \n.
tariff() {
	printf '%b' "$1" >input
	printf '%b' "$2" >t.conf
	shift 2
	run --separate-stderr eg-tariff "$@" t.conf <input
}

refused() {
	run --separate-stderr eg-tariff "$@" </dev/null
	is "$status:$output:${#stderr_lines[@]}" 64::1
}
