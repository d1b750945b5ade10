#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The cluster drill runs to its end, and sees what is not as it should be.

bats_require_minimum_version 1.5.0

setup() {
	BIN=$(cd "${EG_BIN:-$BATS_TEST_DIRNAME/../../build}" && pwd)
	DRILL=$BATS_TEST_DIRNAME/../../scripts/eg-cluster-drill
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "the drill fails and kills, and finds every reading with a receipt where it should be" {
	EG_BIN=$BIN run --separate-stderr timeout 200 "$DRILL" --rounds 40 --dir work
	[[ $status -eq 0 ]] || { echo "$output $stderr"; return 1; }
	[[ ${#lines[@]} -eq 13 && ${lines[1]} == ' 2  600 readings written, each has its receipt' ]]
	[[ ${lines[3]} == ' 4  all 1200 read without it' ]]
	[[ ${lines[5]} =~ 'node a killed with SIGKILL behind receipt '[1-9] ]]
	[[ ${lines[11]} == '12  all 2400 readings with a receipt are on both of their nodes' ]]
	[[ $(cat <("$BIN/eg-store" work/a.db dump) <("$BIN/eg-store" work/b.db dump) <("$BIN/eg-store" work/c.db dump) |
		sort | uniq -c | awk '$1 == 2' | wc -l) -eq 2400 ]]
}

@test "a store that loses a reading is found out" {
	mkdir bin
	ln -s "$BIN"/eg-* bin/
	rm bin/eg-store
	cat >bin/eg-store <<-END
		#!/bin/sh
		[ "\$2" != dump ] || { $BIN/eg-store "\$@" | sed 7d; exit; }
		exec $BIN/eg-store "\$@"
	END
	chmod +x bin/eg-store
	EG_BIN=$PWD/bin run --separate-stderr timeout 200 "$DRILL" --rounds 10
	[[ $status -eq 70 && $stderr == *'does not hold what it should'* ]]
}

@test "wrong options are 64, and nothing is made" {
	local args
	mkdir empty && cd empty
	for args in '--rounds' '--rounds 0' '--sensors x' '--nonsense' 'operand' '--dir .'; do
		# shellcheck disable=SC2086  # several words
		run --separate-stderr "$DRILL" $args
		[[ $status -eq 64 && -z $output && -n $stderr ]] || { echo "$args: $status $stderr"; return 1; }
	done
	[[ -z $(ls) ]]
}
