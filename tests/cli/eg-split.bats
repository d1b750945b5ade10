#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What eg-split says to its options. Needs no server.
# shellcheck disable=SC2154 # bats sets stderr

bats_require_minimum_version 1.5.0
load ../wait

setup() {
	PATH="${EG_BIN:-$BATS_TEST_DIRNAME/../../build}:$PATH"
	unset AMQP_URL
	cd "$BATS_TEST_TMPDIR" || return
}

@test "a name that a broker does not take is wrong usage" {
	local name
	for name in $'a\xff' $'\xc3' $'\xed\xa0\x80' $'a\nb' $'a\x7f' $'a\xc2\x85'; do
		run --separate-stderr -64 timeout 20 eg-split -u amqp://127.0.0.1:1 -q "$name" 2
		[[ $stderr == *"--queue: want UTF-8 without control characters; see"* ]]
	done
	run --separate-stderr -75 timeout 20 eg-split -u amqp://127.0.0.1:1 -t 300ms -q "è €" 2
}

@test "one signal ends the wait for a broker when nothing has begun" {
	local option status
	for option in --grow --shrink; do
		anew err
		eg-split -u amqp://127.0.0.1:1 -q a -t 1h $option 2 2>err 3>&- &
		wait_until grep -q 'waiting for it' err
		kill -TERM $!
		wait_until gone $!
		status=0
		wait $! || status=$?
		((status == 75))
		grep -q 'fatal: interrupted; nothing was changed' err
	done
}
